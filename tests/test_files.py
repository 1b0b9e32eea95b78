"""The files of the articles, by HTTP: given as they are, never shown, and nothing else of the disk."""

from __future__ import annotations

from pathlib import Path

from index import SentenceTransformerEmbedder
from tests.conftest import chatbot_over
from tests.test_api import mounted

NEWS = "The mayor opened the bridge on Monday. Hundreds of people came to see it."


def test_the_file_of_an_article_is_given_and_never_shown(embedder: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    page = f"<html><head><title>Bridge</title></head><body><p>{NEWS}</p><script>1</script></body></html>"
    client = mounted(chatbot_over({"a page.html": page}, tmp_path, embedder), tmp_path)
    reply = client.get("/api/files/a%20page.html")
    assert (reply.status_code, reply.text) == (200, page)
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment")


def test_nothing_but_the_files_of_articles_is_given(embedder: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    client = mounted(chatbot_over({"news.txt": NEWS}, tmp_path, embedder), tmp_path)
    (tmp_path / "articles" / "secret").write_text("no article", encoding="utf-8")
    for key in ("secret", "../index/current", "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", ""):
        assert client.get(f"/api/files/{key}").status_code == 404
    outside = tmp_path / "outside.txt"
    outside.write_text(NEWS, encoding="utf-8")
    article = tmp_path / "articles" / "news.txt"
    article.unlink()
    assert client.get("/api/files/news.txt").status_code == 404
    article.symlink_to(outside)
    assert client.get("/api/files/news.txt").status_code == 404

"""The index: articles → chunks → vectors → a store on disk. It knows nothing of questions or answers."""

from index.build import BuildReport, Options, build, is_current
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.errors import ArticleIndexError
from index.records import Article, Chunk, Hit, Skipped, Span
from index.store import FaissStore, Store

__all__ = [
    "Article",
    "ArticleIndexError",
    "BuildReport",
    "Chunk",
    "Embedder",
    "FaissStore",
    "Hit",
    "Options",
    "SentenceTransformerEmbedder",
    "Skipped",
    "Span",
    "Store",
    "build",
    "is_current",
]

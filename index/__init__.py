"""The index: articles → chunks → vectors → a store on disk. It knows nothing of questions or answers."""

from index.build import Options, build, is_current
from index.doctor import Diagnosis, examine
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.errors import ArticleIndexError
from index.formats import Reading
from index.listing import Entry, State, entries, find
from index.live import LiveStore
from index.records import Article, Chunk, Hit, Skipped, Source, Span
from index.report import BuildReport
from index.store import FaissStore, Store
from index.visible import restrict

__all__ = [
    "Article",
    "ArticleIndexError",
    "BuildReport",
    "Chunk",
    "Diagnosis",
    "Embedder",
    "Entry",
    "FaissStore",
    "Hit",
    "LiveStore",
    "Options",
    "Reading",
    "SentenceTransformerEmbedder",
    "Skipped",
    "Source",
    "Span",
    "State",
    "Store",
    "build",
    "entries",
    "examine",
    "find",
    "is_current",
    "restrict",
]

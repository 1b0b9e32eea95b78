"""The index: articles → chunks → vectors → a store on disk. It knows nothing of questions or answers."""

from index.build import BuildReport, Options, build, is_current
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.errors import IndexError_
from index.records import Article, Chunk, Hit, Skipped, Span
from index.store import FaissStore, Store

__all__ = [
    "Article",
    "BuildReport",
    "Chunk",
    "Embedder",
    "FaissStore",
    "Hit",
    "IndexError_",
    "Options",
    "SentenceTransformerEmbedder",
    "Skipped",
    "Span",
    "Store",
    "build",
    "is_current",
]

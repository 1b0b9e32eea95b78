"""What can go wrong in the index.

    ArticleIndexError
    ├── CorpusError            the articles folder
    │   └── NoArticlesError    … holds nothing that can be indexed
    ├── EmbedderError          the embedding model
    └── StoreError             the index on disk
        ├── StoreMissingError  … was never built
        ├── StoreDamagedError  … a file is missing or changed
        ├── StoreMismatchError … built with another embedder or chunk size
        ├── StoreBusyError     … another build is running
        └── StoreWriteError    … cannot be written (a full disk, no permission)

Each message says what is wrong, where, and the mend.
"""


class ArticleIndexError(Exception):
    """Root of all errors of the index."""


class CorpusError(ArticleIndexError):
    """The articles folder cannot be read."""


class NoArticlesError(CorpusError):
    """The articles folder holds nothing that can be indexed."""


class EmbedderError(ArticleIndexError):
    """The embedding model cannot be loaded or is not the one expected."""


class StoreError(ArticleIndexError):
    """The index on disk cannot be used."""


class StoreMissingError(StoreError):
    """There is no index at this place."""


class StoreDamagedError(StoreError):
    """A file of the index is missing or not as it was written."""


class StoreMismatchError(StoreError):
    """The index was built with another embedder or other chunk settings."""


class StoreBusyError(StoreError):
    """Another process is building this index."""


class StoreWriteError(StoreError):
    """The index cannot be written. What was published before stays in force."""

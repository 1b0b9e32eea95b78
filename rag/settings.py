"""The only place that reads the environment. Each field is a variable DATELINE_<NAME>, or a line of `.env`.

A project can say `articles`, `index` and `llm` in its pyproject.toml (rag/project.py).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index import Options, Reading
from index.embedder import DEFAULT_EMBEDDER
from rag.errors import SettingsError
from rag.project import read_project

_STARTED_IN = Path()
_HERE = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """How Dateline runs. Keyword arguments win over the environment, and that over the project's table."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_", env_file=".env", extra="ignore", frozen=True)

    articles: Path = Field(default=_HERE / "seeds", description="the folder of articles")
    index: Path = Field(default=_HERE / "index" / "built", description="where the built index lives")
    embedder: str = Field(default=DEFAULT_EMBEDDER, description="a sentence-transformers model: name or folder")
    chunk_tokens: int = Field(default=160, ge=32, le=8192, description="most tokens of a chunk, its title included")
    max_file_bytes: int = Field(default=20_000_000, ge=1, description="a larger file is skipped")
    max_articles: int = Field(default=1_000_000, ge=1, description="articles past this number are skipped")
    max_archive_bytes: int = Field(default=200_000_000, ge=1, description="most bytes that an archive unpacks to")
    max_archive_members: int = Field(default=20_000, ge=1, description="an archive of more members is skipped")
    max_archive_ratio: int = Field(default=200, ge=1, description="most bytes unpacked for one packed")
    max_archive_depth: int = Field(default=1, ge=1, le=5, description="archives in archives; 1 reads no inner one")
    json_fields: dict[str, str] = Field(default={}, description="a JSON object: our field → your JSON records' field")
    wait_seconds: float = Field(default=60.0, ge=0, description="how long to wait for another build of this index")

    passages: int = Field(default=10, ge=1, le=100, description="passages kept for a question")
    as_of: date | None = Field(default=None, description="answer as on this day: later articles are out of scope")
    recency_weight: float = Field(
        default=0.0, ge=0, le=20, description="how much newer articles are preferred; a bonus that halves every 30 days"
    )
    reranker: str = Field(default="reader", description="reader, none, or cross-encoder:NAME-OR-FOLDER")
    witness: str = Field(default="packaged", description="packaged or none: reads each claim beside its passage")
    judge: str = Field(default="none", description="none, llm, or cross-encoder:NAME-OR-FOLDER: has the last word")
    max_question_chars: int = Field(default=4000, ge=1, description="a longer question is refused")
    answerability_threshold: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="below this probability that the passages hold the answer, abstain",
    )

    llm: str = Field(
        default="extractive", description="extractive, openai:MODEL, ollama:MODEL, gguf:PATH or anthropic:MODEL"
    )
    base_url: str | None = Field(default=None, description="address of the model's server")
    api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATELINE_API_KEY", "OPENAI_API_KEY"),
        description="key of the OpenAI service or a server like it",
        exclude=True,
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATELINE_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        description="key of Anthropic",
        exclude=True,
    )
    context_tokens: int | None = Field(
        default=None,
        ge=512,
        description="tokens that a model reads and writes in all; empty: 4096, or what a GGUF file says, to 8192",
    )
    answer_tokens: int = Field(default=512, ge=16, description="most tokens of a model's answer")
    connect_seconds: float = Field(default=5.0, gt=0, description="time allowed for reaching the model")
    first_token_seconds: float = Field(
        default=120.0, gt=0, description="time allowed until a model's answer begins, reaching it included"
    )
    answer_seconds: float = Field(default=300.0, gt=0, description="time allowed for a model's whole answer")
    threads: int = Field(default=0, ge=0, le=1024, description="threads of a gguf: model; 0: one for each core")

    data: Path = Field(
        default=_HERE / "data", description="where conversations are kept; by default the folder `data` beside the code"
    )
    host: str = Field(default="127.0.0.1", description="address of the chat window")
    port: int = Field(default=7860, ge=0, le=65535, description="port of the chat window")
    hosts: str = Field(default="", description="names that the server is reached by, with commas")
    uploads: Path | None = Field(
        default=None, description="a folder inside the articles folder that uploads go to; empty: no uploads"
    )
    upload_quota_bytes: int = Field(default=1_000_000_000, ge=1, description="most bytes that a user's uploads take")
    user: str | None = Field(default=None, description="name of a user of the server")
    password: SecretStr | None = Field(default=None, description="that user's password", exclude=True)
    users_file: Path | None = Field(default=None, description="the users that `dateline user` wrote")
    requests_per_minute: int = Field(default=120, ge=0, description="questions a minute from one client; 0: no limit")

    @field_validator("base_url")
    @classmethod
    def _no_secret_in_address(cls, address: str | None) -> str | None:
        # An address is shown in messages and in the figures' config.
        if address is not None and ("@" in address or "?" in address):
            raise ValueError("an address holds no user, password or key: put the key into DATELINE_API_KEY")
        return address or None

    @classmethod
    def load(cls, project: Path = _STARTED_IN, /, **overrides: Any) -> Settings:
        """The settings, with overrides that are not None.

        Args:
            project: the folder whose pyproject.toml may hold a table [tool.dateline]: what nothing else sets.
            overrides: settings by name.

        Raises:
            SettingsError: a value has no meaning; the message names the setting.
        """
        table = {name: value for name, value in read_project(project).items() if name in cls.model_fields}
        given = {name: value for name, value in overrides.items() if value is not None}
        try:
            told = cls(**given).model_fields_set
            return cls(**given, **{name: value for name, value in table.items() if name not in told})
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            raise SettingsError(f"A setting cannot be used: {problems}. See docs/settings.md.") from error

    def address(self, provider: str) -> str | None:
        """The base URL as far as it is this provider's: no other one gets a question or a key by mistake."""
        chosen = self.llm.partition(":")[0]
        return self.base_url if chosen == provider or (chosen == "extractive" and provider == "openai") else None

    @property
    def index_options(self) -> Options:
        """The part that shapes the index."""
        names = Reading.__dataclass_fields__
        return Options(max_tokens=self.chunk_tokens, reading=Reading(**{name: getattr(self, name) for name in names}))

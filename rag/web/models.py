"""The models that a window can choose from, and a chatbot for each of them."""

from __future__ import annotations

import threading

from rag.chatbot import Chatbot
from rag.errors import SettingsError
from rag.llm import availability, open_llm
from rag.settings import Settings

_MOST = 200  # of one provider; a hosted service lists more than anybody reads


class Models:
    """The chatbot as it was started, and the same with every other model that can be used now.

    Only what `look` has found is opened: a name from outside cannot name a file or a server of its own.
    """

    def __init__(self, chatbot: Chatbot, settings: Settings) -> None:
        self._settings = settings
        self._open = {settings.llm: chatbot}
        self._found: tuple[str, ...] = (settings.llm,)
        self._lock = threading.Lock()

    @property
    def default(self) -> str:
        """The model that the program was started with."""
        return self._settings.llm

    @property
    def names(self) -> tuple[str, ...]:
        """The models found so far, the default first, as the setting `llm` names them."""
        return self._found

    def look(self) -> tuple[str, ...]:
        """Ask every provider, for a few seconds at most, which models it has now."""
        found = [self.default]
        for form, state in availability(self._settings).items():
            provider, _, wanted = form.partition(":")
            models = state.models[:_MOST] if wanted else ()
            found += [f"{provider}:{model}" for model in models] or ([] if wanted else [provider])
        self._found = tuple(dict.fromkeys(found))
        return self._found

    def chatbot(self, name: str | None) -> Chatbot:
        """The chatbot that writes with this model; None or "" is the default.

        Raises:
            SettingsError: it was not found.
            DatelineError: it cannot be opened.
        """
        name = name or self.default
        with self._lock:
            if name not in self._open:
                if name not in self._found:
                    raise SettingsError(f"The model {name!r} is not among those that can be used now.")
                settings = self._settings.model_copy(update={"llm": name})
                self._open[name] = self._open[self.default].with_writer(open_llm(settings))
            return self._open[name]

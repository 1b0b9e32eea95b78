"""What can go wrong between a question and its answer.

    DatelineError
    ├── QuestionError             the question cannot be asked (empty, too long)
    ├── QuestionsFileError        a questions file is not in the form that the design gives
    ├── RecordingError            the recorded outputs of a model cannot be used, or lack one
    ├── SettingsError             a setting has no meaning
    ├── WeightsError              the weights of a packaged model are missing or damaged
    ├── PromptError               a template does not have the variables that it must have
    └── ModelError                the language model
        ├── ModelUnavailable      … cannot be had
        │   ├── ModelUnreachable  nothing answers there
        │   ├── KeyRefused        the key is missing or wrong
        │   ├── UnknownModel      the server has no such model
        │   ├── RateLimited       we asked too often, or the account is used up
        │   ├── ModelOverloaded   the server is too busy, or broken
        │   └── ModelTooSlow      it did not begin, or not end, in the time allowed
        └── ModelUnusable         … answers, but with nothing that can be used
            ├── ContextOverflow   the prompt is longer than the model can read
            └── AnswerBrokenOff   the connection ended in mid-answer

Each message says what is wrong, where, and the mend. Errors of the index are in index/errors.py.
"""


class DatelineError(Exception):
    """Root of all errors of the answering part."""


class QuestionError(DatelineError):
    """The question cannot be asked as it stands."""


class QuestionsFileError(DatelineError):
    """A questions file is not in the expected form."""


class RecordingError(DatelineError):
    """A recording of a model's outputs cannot be used, or lacks the one that is asked for."""


class SettingsError(DatelineError):
    """A setting names something that there is not."""


class WeightsError(DatelineError):
    """A packaged model cannot be used: its weights are missing, damaged, or made for others."""


class PromptError(DatelineError):
    """A template of prompts/ lacks a variable, or has one that nothing fills."""


class ModelError(DatelineError):
    """The language model gave no answer that can be used.

    `retry_after`: seconds after which another try makes sense; None where none does.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelUnavailable(ModelError):
    """The model cannot be reached, or refuses the request."""


class ModelUnreachable(ModelUnavailable):
    """Nothing answers at the model's address."""


class KeyRefused(ModelUnavailable):
    """The key is missing or wrong, or may not use this model."""


class UnknownModel(ModelUnavailable):
    """The server has no model of this name."""


class RateLimited(ModelUnavailable):
    """The account's limit is reached."""


class ModelOverloaded(ModelUnavailable):
    """The server has too much to do, or fails."""


class ModelTooSlow(ModelUnavailable):
    """The answer did not begin, or did not end, in the time allowed."""


class ModelUnusable(ModelError):
    """The model answered with nothing that can be used."""


class ContextOverflow(ModelUnusable):
    """The prompt and the answer do not fit the model's context."""


class AnswerBrokenOff(ModelUnusable):
    """The connection ended before the answer did."""

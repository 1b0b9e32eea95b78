"""What can go wrong between a question and its answer.

    DatelineError
    ├── QuestionError         the question cannot be asked (empty, too long)
    ├── QuestionsFileError    a questions file is not in the form that the design gives
    ├── RecordingError        the recorded outputs of a model cannot be used, or lack one
    ├── SettingsError         a setting has no meaning
    └── ModelError            the language model
        ├── ModelUnavailable  … cannot be reached, or refuses us
        └── ModelUnusable     … answers, but with nothing that can be used

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


class ModelError(DatelineError):
    """The language model gave no answer that can be used."""


class ModelUnavailable(ModelError):  # noqa: N818 - named as in the answer's `reason`
    """The model cannot be reached, or refuses the request."""


class ModelUnusable(ModelError):  # noqa: N818 - named as in the answer's `reason`
    """The model answered with nothing that can be used."""

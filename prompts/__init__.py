"""The texts sent to a model, a file each."""

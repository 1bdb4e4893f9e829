"""Torchenstein: hints, live tensors and a start page for JupyterLab."""


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the built front end lies (for a development install)."""
    return [{"src": "labextension", "dest": "torchenstein"}]

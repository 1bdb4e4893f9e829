"""Torchenstein: hints, live tensors and a start page for JupyterLab."""


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the built front end lies (for a development install)."""
    return [{"src": "labextension", "dest": "torchenstein"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell Jupyter Server which module holds the routes: only a server imports it."""
    return [{"module": "torchenstein.server"}]

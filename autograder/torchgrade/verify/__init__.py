"""Proof that source notebooks keep what lessons promise: `torchgrade verify`, `torchgrade lint`.

===========  ======================================================================
`lesson`     reads a source notebook; knows which cells are answers, tests, hints
`lint`       what can be seen without running anything; rules in `rules_*`
`fix`        the one canonical form of a source notebook
`student`    the student version as nbgrader makes it, and what must not leak into it
`worker`     a warm process that runs one lesson after another, each in a fresh child
`session`    runs cells as IPython does (in the child)
`proof`      holds each exercise against reference, alternatives, mistakes and stub
`verify`     all of it for a list of lessons
`command`    the command line
===========  ======================================================================

The worker's side (`worker`, `session`, `proof`) imports torch and IPython, the other side nbformat
and nbgrader; they exchange lines of JSON.
"""

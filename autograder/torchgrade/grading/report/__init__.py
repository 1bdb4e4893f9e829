"""The report of a class: what an instructor wants to know after grading.

=============  ==================================================================================
`read`         the receipts that the batch grader left
`gradebook`    the scores that count, from nbgrader
`scores`       the two put together: who has how many points for what
`lessons`      figures for each exercise: standings, named mistakes, checks
`times`        seconds, and the sandbox's layers
`figures`      `class_report` and `ClassReport`, which holds all of it
`terminal`     as tables in a terminal
`plots`        as plots
`page`         as one self-contained page
`command`      `torchgrade report`
=============  ==================================================================================
"""

from torchgrade.grading.report.figures import ClassReport, class_report

__all__ = ["ClassReport", "class_report"]

"""Commands that grade: a whole class into nbgrader's gradebook, or a learner's own notebook.

`torchgrade autograde` may be killed at will. nbgrader's own `Autograde` does what it always does,
cut in three: prepare a submission, run its notebooks in the engine, enter the results. Several
notebooks run at once; one writer enters.

=============  ==================================================================================
`command`      `torchgrade autograde`
`driver`       takes submissions through the three steps
`converter`    nbgrader's converter, cut where the notebook runs
`plan`         what has to be done for each submission
`keys`         what a result depends on
`receipts`     what was graded, kept beside the course in `.torchgrade/`
`places`       the folders of one grading, and how a submission gets into `autograded/`
`book`         what is read from the gradebook; patience with a locked one
`steps`        the three steps of one submission
`course`       what is known before anything is graded
`locking`      one grader for an assignment at a time
`progress`     what a person sees meanwhile
`summary`      what a person sees at the end
`run`          `torchgrade run`, a learner's own grades (with `assemble`, `events`, `terminal`)
`serve`        the same for a program that asks again and again
`report`       `torchgrade report`, how a class did
=============  ==================================================================================
"""

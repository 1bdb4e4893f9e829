"""The engine: runs a notebook and returns it with a verdict for each test cell.

A fork server that has imported torch forks two processes for each notebook. The *learner's*
process, in a sandbox, runs the learner's cells and answers questions about what they define. The
*judge's* process runs the test cells and never loads the learner's code. They speak over one
socket: tensors as safetensors, everything else as JSON of plain types.

=============  ==================================================================================
`task`         what goes in (`Task`, `Limits`) and what comes out (`Graded`)
`engine`       `Engine`: a warm server to which tasks are given
`server`       the fork server
`judge`        the judge's process: test cells, verdicts
`remote`       the judge's side of the learner's names: subjects of checks, proxies
`answer`       the learner's side: runs cells, answers the judge
`wire`         the frames between the two, and their limits
`shell`        runs cells in an IPython shell and keeps outputs as a notebook does
`names`        where a test cell's names come from
`source`       what the submitted source says of bans and of tampering
`sandbox`      what keeps the learner's process in
`local`        the scheduler that uses processes of this machine
`cluster`      the scheduler that uses Dask
=============  ==================================================================================
"""

"""The engine: runs a notebook and returns it with a verdict for each test cell.

A fork server that has imported torch forks two processes for each notebook. The *learner's*
process, in a sandbox, runs the learner's cells and answers questions about what they define. The
*judge's* process runs the test cells and never loads the learner's code. They speak over one
socket: tensors as safetensors, everything else as JSON of plain types.

Where there is no fork (Windows, macOS), the judge is a process of its own and the learner's process
a plain kernel: the same verdicts, slower, and nothing protects the grader.

==============  ================================================================================
`task`          what goes in (`Task`, `Limits`) and what comes out (`Graded`)

`engine`        `Engine`: takes notebooks, gives them back graded
`judges`        what an engine needs of the processes that it has started
`fork_server`   the driver's side of the fork server (Linux)
`fresh`         the driver's side without fork: a process for each notebook
`scheduler`     who runs the tasks: one interface, reading ahead, trying again
`local`         the scheduler that uses processes of this machine
`cluster`       the scheduler that uses Dask

`server`        the fork server
`forked`        a judge's process that it forked, and that one's learner's process
`alone`         a judge's process without fork; its learner's process is a kernel
`environment`   these processes' variables and temporary folders
`processes`     ends processes with all that they have started

`judging`       the judge's process from its task to its result
`judge`         test cells, verdicts
`learner`       the judge's hold on the learner's process: time limits, ends, replay
`remote`        subjects of checks whose observations come from the learner's process
`proxy`         a test cell's hold on the learner's functions, classes and values
`given`         what the instructor's notebook says
`suspicion`     what the submitted source says of the watchers in the learner's process

`inside`        the learner's process after its fork
`in_kernel`     the learner's side in a kernel
`answer`        answers what the judge asks of the learner's names
`kernels`       a learner's process that is a kernel
`sandbox`       what keeps the learner's process in

`channel`       whole messages over a socket, within limits
`wire`          what they hold: JSON of plain types, and safetensors
`pipes`         frames on two pipes

`shell`         runs cells in an IPython shell as a kernel does
`streams`       standard output and error while a cell runs
`outputs`       keeps outputs as a notebook does, and cuts them
`notebook`      what cells of a notebook are, what a test earned

`source`        what the submitted source says of bans and of tampering
`names`         where a test cell's names come from
`statements`    what the statements of a cell bind, change and read
`scopes`        which scope each name of a cell belongs to
`paths`         what an expression names, as dotted paths
`tampering`     finds code that could silence or deceive a watcher
`rules_calls`   its rules for what is called
`rules_names`   its rules for what is imported, set, reached for and passed on
`hazards`       what an honest cell has no use for: lists
==============  ================================================================================
"""

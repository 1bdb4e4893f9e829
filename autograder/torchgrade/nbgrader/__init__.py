"""Plug-ins for nbgrader, named by import string in a course's `nbgrader_config.py`.

They enter through doors that nbgrader leaves open: the preprocessor lists of its converters and the
`exporter_class` trait. Each module here mends one thing; nothing replaces a stock command.

========================  =====================================================================
`regions`                 the delimited parts of a cell (solution, hidden tests)
`rules`                   what a source notebook must satisfy before anything is made from it
`exporters`               reading notebooks: rules and unreadable files end in one clear message
`solution`                the solution version: run, gated, published without what graders keep
`settle`                  each graded cell once, as its instructor made it
`sanitize`                copied, deleted and damaged cells of a submission
`grading`                 what must not cost points (a line on stderr)
`feedback`                what a report must not show (hidden tests)
`markup`                  what a report must not do (run scripts)
`execute`, `tasks`        submissions run in the engine
`mistakes`                what named mistakes come to, for the student version to name them
`build`                   both versions of every module, in one command
========================  =====================================================================
"""

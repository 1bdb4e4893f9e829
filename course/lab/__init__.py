"""What `lab.py` does: the environment, the learner's workbench, JupyterLab, the test stages.

Standard library only: these modules run before anything is installed.
"""

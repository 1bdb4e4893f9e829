"""The drawing of each explorer: from its description to SVG, nothing else."""

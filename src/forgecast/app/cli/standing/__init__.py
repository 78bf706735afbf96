"""Where the plant stands: grades, duties, incentives, evidence, score and peers on the command line."""

"""Rules: rulebooks read from data, applied to facts and figures, giving verdicts that can be asked why."""

"""The state of machines out of their signals: effectiveness, changes, discords, anomalies, bearings, wear and life."""

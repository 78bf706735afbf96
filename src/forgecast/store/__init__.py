"""Where a plant is kept: its folder and settings, records in a database, time series in Parquet files."""

"""Reports a manager hands on: one content, typeset as PDF, as one HTML file and for the terminal."""

from forgecast.app.report.write import render_html, render_pdf, write_report

__all__ = ["render_html", "render_pdf", "write_report"]

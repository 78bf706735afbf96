"""The documentation as a site: the same Markdown pages that are read in the repository, with search; built offline."""

project = "Forgecast"
copyright = "Forgecast"  # noqa: A001  (Sphinx names it so)
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Forgecast"
root_doc = "docs/site/index"
# The source is the whole repository, so that a page may link to the examples and the glossary beside `docs`.
include_patterns = ["docs/**", "examples/*.md", "*.md"]
exclude_patterns = ["docs/site/conf.py", "**/.*", "build/**", ".venv/**", "**/AGENTS.md"]
myst_heading_anchors = 4
# A link to a source file or a folder is right in the repository and no page of the site.
suppress_warnings = ["myst.xref_missing", "toc.not_included", "myst.header", "misc.highlighting_failure"]
html_static_path = ["site.css"]
html_css_files = ["site.css"]
# Nothing is fetched from another host, neither when the site is built nor when it is read.
html_theme_options = {
    "light_css_variables": {"font-stack": "system-ui, 'PingFang SC', 'Microsoft YaHei', sans-serif"},
    "dark_css_variables": {"font-stack": "system-ui, 'PingFang SC', 'Microsoft YaHei', sans-serif"},
}
html_copy_source = False
html_show_sphinx = False

import * as AG from "nicegui-aggrid";

const F = () => window.forgecast;
AG.ModuleRegistry.registerModules([AG.AllCommunityModule]);
const PAGE = 1000;
const NARROW = 560;

export default {
  props: {
    source: String, given: Array, columns: Array, title: String, rowsAt: String, zone: String, language: String,
    height: Number, most: Number, words: Object, locale: Object,
  },
  template: `
    <div class="fc-grid">
      <div class="fc-grid-bar" v-if="ready && total > 0">
        <input type="search" v-if="total > 8" v-model="search" :placeholder="words.search" :aria-label="words.search" @input="find" />
        <span class="count" role="status">{{ counted }}</span>
        <button type="button" class="fc-tool" @click="save">{{ words.csv }}</button>
      </div>
      <div ref="grid" v-show="ready && total > 0 && !narrow" role="region" :aria-label="title"></div>
      <div class="fc-grid-cards" v-if="ready && narrow && total > 0" role="list" :aria-label="title">
        <div v-for="row in cards" role="listitem">
          <dl><template v-for="c in columns"><dt>{{ heading(c) }}</dt>
            <dd :class="tone(c, row)"><a v-if="link(c, row)" :href="link(c, row)">{{ shown(c, row) }}</a><template v-else>{{ shown(c, row) }}</template></dd></template></dl>
        </div>
      </div>
      <button type="button" class="fc-button" v-if="ready && narrow && found.length > many" @click="many += 50">{{ words.more }}</button>
      <div v-if="!ready && !failed" class="fc-waiting" role="status" style="min-height: 160px"><span>{{ words.working }}</span></div>
      <p v-if="ready && total === 0" class="fc-part-said">{{ words.none }}</p>
      <p v-if="failed" class="fc-part-said failed" role="alert">× {{ failed }}</p>
    </div>`,
  data: () => ({ ready: false, failed: "", total: 0, shownRows: 0, search: "", narrow: false, many: 50, stamp: 0 }),
  computed: {
    counted() {
      const template = this.shownRows === this.total ? this.words.rows : this.words.rowsOf;
      return F().filled(template, { n: this.shownRows.toLocaleString("en-US"), all: this.total.toLocaleString("en-US") });
    },
    found() {
      void this.stamp;
      const asked = this.search.trim().toLowerCase();
      if (!asked) return this.rows;
      return this.rows.filter((row) => this.columns.some((c) => this.shown(c, row).toLowerCase().includes(asked)));
    },
    cards() {
      return this.found.slice(0, this.many);
    },
  },
  watch: {
    source() {
      this.fetchAgain();
    },
  },
  async mounted() {
    this.rows = [];
    this.turn = 0;
    this.sizeWatch = new ResizeObserver(() => (this.narrow = this.$el.clientWidth > 0 && this.$el.clientWidth < NARROW));
    this.sizeWatch.observe(this.$el);
    await this.fetchAgain();
  },
  beforeUnmount() {
    this.turn++; // what is still under way for this part has nowhere to be drawn
    this.sizeWatch.disconnect();
    this.api?.destroy();
  },
  methods: {
    value(column, row) {
      const value = F().inside(row, column.key);
      if (value && typeof value === "object" && !Array.isArray(value)) return F().said(value, this.language);
      return Array.isArray(value) ? value.map((v) => F().said(v, this.language)).join(", ") : value;
    },
    shown(column, row) {
      const value = this.value(column, row);
      if (value == null || value === "") return "—";
      if (column.names?.[value] != null) return column.names[value];
      if (column.kind === "number") return F().number(Number(value), 4);
      if (column.kind === "moment") return F().clock(Date.parse(value), this.zone, this.language);
      if (column.kind === "flag") return value === true ? this.words.yes : this.words.no;
      return String(value);
    },
    heading: (column) => (column.unit ? `${column.name} [${column.unit}]` : column.name),
    tone(column, row) {
      if (column.kind !== "word" && column.kind !== "severity") return "";
      const value = F().inside(row, column.key);
      return value ? `w-${String(value).replaceAll(" ", "-")}` : "";
    },
    link(column, row) {
      if (!column.link || !/^\/(?![/\\])/.test(column.link)) return "";
      let whole = true;
      const to = column.link.replace(/\{([\w.]+)\}/g, (_, key) => {
        const value = F().inside(row, key);
        if (value == null) whole = false;
        return encodeURIComponent(value);
      });
      return whole ? to : "";
    },
    async fetchAgain() {
      this.failed = "";
      const mine = ++this.turn;
      try {
        if (!this.source) this.rows = JSON.parse(JSON.stringify(this.given || []));
        else {
          const address = this.source;
          const glue = (to, part) => `${to}${to.includes("?") ? "&" : "?"}${part}`;
          const rows = [];
          let after = null;
          do {
            // The first page is small and quick; the others are as large as they may be.
            let page = after == null ? address : glue(address.replace(/([?&])limit=\d+&?/, "$1"), `limit=${PAGE}`);
            if (after != null) page = glue(page, `after=${encodeURIComponent(after)}`);
            const answer = await F().json(page);
            if (mine !== this.turn) return;
            rows.push(...(F().inside(answer, this.rowsAt) || []));
            after = answer.next ?? null;
            if (!this.ready || after == null) {
              this.rows = rows.slice();
              this.show();
            }
          } while (after != null && rows.length < this.most);
          this.rows = rows;
        }
        this.show();
        await this.$nextTick();
        this.$el.dataset.drawn = "yes";
      } catch (error) {
        if (mine !== this.turn) return;
        this.failed = F().why(error, this.words, this.language);
        this.ready = false;
      }
    },
    show() {
      this.total = this.shownRows = this.rows.length;
      this.ready = true;
      this.stamp++;
      const lines = Math.min(this.rows.length, Math.floor(this.height / 38));
      const low = this.rows.length <= lines;
      this.$refs.grid.style.height = low ? "" : `${this.height}px`;
      if (this.api) {
        this.api.setGridOption("domLayout", low ? "autoHeight" : "normal");
        this.api.setGridOption("rowData", this.rows);
        return;
      }
      this.api = AG.createGrid(this.$refs.grid, {
        theme: this.theme(),
        columnDefs: this.columns.map((c) => this.definition(c)),
        defaultColDef: { sortable: true, resizable: true, filter: true, minWidth: 80, suppressHeaderMenuButton: false, suppressMovable: true },
        rowData: this.rows,
        domLayout: low ? "autoHeight" : "normal",
        localeText: this.locale,
        enableCellTextSelection: true,
        ensureDomOrder: true,
        animateRows: false,
        suppressDragLeaveHidesColumns: true,
        rowHeight: 38,
        headerHeight: 40,
        onFilterChanged: () => this.recount(),
        onCellKeyDown: (event) => {
          if (event.event.key !== "Enter") return;
          const column = this.columns.find((c) => c.key === event.column.getColId()) || {};
          const to = this.link(column, event.data) || this.columns.map((c) => this.link(c, event.data)).find(Boolean);
          if (to) location.assign(to);
        },
      });
    },
    theme() {
      return AG.themeQuartz.withParams({
        backgroundColor: "var(--card)", foregroundColor: "var(--ink)", borderColor: "var(--rule)", chromeBackgroundColor: "var(--paper)",
        accentColor: "var(--accent)", headerTextColor: "var(--soft)", headerFontWeight: 500, headerBackgroundColor: "var(--card)",
        fontFamily: "var(--font)", headerFontFamily: "var(--font)", fontSize: 13.5, headerFontSize: 13, rowHoverColor: "color-mix(in srgb, var(--accent) 5%, transparent)",
        oddRowBackgroundColor: "var(--card)", wrapperBorder: false, wrapperBorderRadius: 0, columnBorder: false, cellHorizontalPadding: 12,
        menuBackgroundColor: "var(--card)", menuTextColor: "var(--ink)", inputBackgroundColor: "var(--card)", inputBorder: "1px solid var(--rule-strong)", inputTextColor: "var(--ink)",
        iconColor: "var(--soft)", focusShadow: "0 0 0 2px var(--focus)", browserColorScheme: "inherit", subtleTextColor: "var(--soft)", textColor: "var(--ink)",
        headerColumnResizeHandleColor: "var(--rule)",
      });
    },
    definition(column) {
      const numeric = column.kind === "number";
      return {
        colId: column.key,
        headerName: this.heading(column),
        headerTooltip: this.heading(column),
        valueGetter: (p) => (column.kind === "day" || column.kind === "moment" ? this.value(column, p.data) ?? null : this.sortable(column, p.data)),
        valueFormatter: (p) => this.shown(column, p.data),
        filterValueGetter: (p) => (numeric ? this.value(column, p.data) : this.shown(column, p.data)),
        getQuickFilterText: (p) => this.shown(column, p.data),
        tooltipValueGetter: (p) => (numeric ? null : this.shown(column, p.data)),
        filter: numeric ? "agNumberColumnFilter" : "agTextColumnFilter",
        cellDataType: numeric ? "number" : "text",
        headerClass: numeric ? "ag-right-aligned-header" : undefined,
        cellClass: (p) => [numeric ? "ag-right-aligned-cell" : "", this.tone(column, p.data)].filter(Boolean),
        cellRenderer: column.link ? (p) => this.cellLink(column, p.data) : undefined,
        ...(column.width ? { width: column.width } : { flex: numeric ? 1 : 1.6, minWidth: numeric ? 110 : 130 }),
      };
    },
    sortable(column, row) {
      const value = this.value(column, row);
      if (column.kind === "number") return value == null ? null : Number(value);
      return value == null ? null : this.shown(column, row);
    },
    cellLink(column, row) {
      const to = this.link(column, row);
      const words = this.shown(column, row);
      if (!to) return document.createTextNode(words);
      const made = document.createElement("a");
      made.href = to;
      made.textContent = words;
      made.tabIndex = -1;
      return made;
    },
    find() {
      this.many = 50;
      this.api?.setGridOption("quickFilterText", this.search);
      if (this.narrow) this.shownRows = this.found.length;
      else this.recount();
    },
    recount() {
      this.shownRows = this.api.getDisplayedRowCount();
    },
    save() {
      const rows = [];
      if (this.narrow) rows.push(...this.found);
      else this.api.forEachNodeAfterFilterAndSort((node) => rows.push(node.data));
      const cells = rows.map((row) => this.columns.map((c) => (c.kind === "number" ? this.value(c, row) : this.shown(c, row))));
      F().save(F().csv([this.columns.map((c) => this.heading(c)), ...cells]), `${this.title}.csv`);
    },
  },
};

import { echarts } from "nicegui-echart";

const F = () => window.forgecast;
const KINDS = { upper: "bad", lower: "bad", warning: "warn", target: "good" };
const LARGE = 2000;

// The look of all charts, out of the page's own variables.
function look() {
  const css = F().css;
  const soft = css("soft");
  const axis = {
    axisLine: { lineStyle: { color: css("rule-strong") } },
    axisTick: { lineStyle: { color: css("rule-strong") } },
    axisLabel: { color: soft, fontSize: 12, fontFamily: css("font"), hideOverlap: true },
    splitLine: { lineStyle: { color: css("grid") } },
    nameTextStyle: { color: soft, fontSize: 12 },
  };
  return {
    ink: css("ink"), soft, card: css("card"), rule: css("rule"), strong: css("rule-strong"), accent: css("accent"), grid: css("grid"),
    axis,
    palette: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => css(`c${n}`)),
    tone: (name) => css(name) || css("plain"),
    font: css("font"),
  };
}

function labelOf(series, language) {
  const name = F().said(series.name, language);
  return series.unit ? `${name} [${series.unit}]` : name;
}

export default {
  props: {
    source: String, data: String, title: String, at: String, zone: String, language: String, height: Number,
    kind: String, logX: Boolean, logY: Boolean, fromZero: Boolean, zoom: Boolean, words: Object,
  },
  template: `
    <div class="fc-chart">
      <div class="fc-part-tools" v-if="ready && !empty">
        <button type="button" class="fc-tool" v-if="hasZoom" @click="whole">{{ words.whole }}</button>
        <button type="button" class="fc-tool" :aria-expanded="String(tabular)" @click="tabular = !tabular">{{ words.table }}</button>
        <button type="button" class="fc-tool" @click="savePicture">{{ words.picture }}</button>
        <button type="button" class="fc-tool" @click="saveFigures">{{ words.csv }}</button>
      </div>
      <div ref="plot" v-show="ready && !empty" :style="{ height: height + 'px' }" role="img" :aria-label="summary"></div>
      <div v-if="!ready && !failed" class="fc-waiting" role="status" :style="{ height: height + 'px' }"><span>{{ words.working }}</span></div>
      <p v-if="ready && empty" class="fc-part-said">{{ words.none }}</p>
      <p v-if="failed" class="fc-part-said failed" role="alert">× {{ failed }}</p>
      <div v-if="tabular" class="fc-chart-table" tabindex="0" role="region" :aria-label="title">
        <table class="fc-table"><caption class="fc-unseen">{{ title }}</caption>
          <thead><tr><th v-for="h in table.head" scope="col">{{ h }}</th></tr></thead>
          <tbody><tr v-for="row in table.rows.slice(0, 500)"><td v-for="(cell, i) in row" :data-label="table.head[i]">{{ cell ?? '—' }}</td></tr></tbody>
        </table>
        <p class="fc-soft" v-if="table.rows.length > 500">{{ more }}</p>
      </div>
    </div>`,
  data: () => ({ ready: false, failed: "", empty: false, tabular: false, summary: "", hasZoom: false }),
  computed: {
    table() {
      return this.ready && this.tabular ? this.asTable() : { head: [], rows: [] };
    },
    more() {
      return F().filled(this.words.first, { n: 500, all: this.table.rows.length });
    },
  },
  watch: {
    source() {
      this.fetchAgain();
    },
  },
  async mounted() {
    this.turn = 0;
    this.themeWatch = F().onTheme(() => {
      this.plot?.dispose(); // what is drawn keeps the colours it was made with
      this.plot = null;
      if (this.ready && !this.empty) this.draw();
    });
    this.sizeWatch = new ResizeObserver(() => this.plot?.resize());
    this.sizeWatch.observe(this.$el);
    await this.fetchAgain();
  },
  beforeUnmount() {
    this.turn++; // what is still under way for this part has nowhere to be drawn
    this.themeWatch.disconnect();
    this.sizeWatch.disconnect();
    this.plot?.dispose();
  },
  methods: {
    async fetchAgain() {
      this.failed = "";
      const mine = ++this.turn;
      try {
        const answer = this.source ? await F().json(this.source) : JSON.parse(this.data || "null");
        if (mine !== this.turn) return;
        this.content = Object.freeze(F().inside(answer, this.at) || {});
      } catch (error) {
        if (mine !== this.turn) return;
        this.failed = F().why(error, this.words, this.language);
        this.ready = false;
        return;
      }
      await this.fonts();
      if (mine !== this.turn) return;
      this.ready = true;
      this.empty = this.isEmpty();
      await this.$nextTick();
      if (mine !== this.turn) return;
      if (!this.empty) this.draw();
      this.$el.dataset.drawn = "yes";
    },
    // A canvas draws boxes for characters whose typeface is not there yet.
    async fonts() {
      const words = JSON.stringify({ ...this.content, times: 0, x: typeof this.content.x?.[0] === "number" ? 0 : this.content.x });
      const letters = [...new Set(words.slice(0, 20000) + this.title + "年月日0123456789−.,:")].join("");
      await Promise.race([
        Promise.all([document.fonts.load("12px 'Forgecast Latin'", "Aa0"), document.fonts.load("12px 'Forgecast Chinese'", letters)]),
        new Promise((go) => setTimeout(go, 2500)),
      ]).catch(() => {});
    },
    isEmpty() {
      const c = this.content;
      if (c.cells) return !c.cells.length;
      if (c.tasks) return !c.tasks.length;
      if (c.steps) return !c.steps.length;
      return !(c.series || []).some((s) => (s.values || []).some((v) => v != null));
    },
    draw() {
      const c = this.content;
      const form = c.cells ? this.heatmap : c.tasks ? this.gantt : c.steps ? this.waterfall : c.axes ? this.radar : this.lines;
      const theme = look();
      if (!this.plot) {
        this.plot = echarts.init(this.$refs.plot, null, { locale: this.language === "zh" ? "ZH" : "EN" });
        this.plot.on("click", (event) => event.data?.link && location.assign(event.data.link));
      }
      const option = form.call(this, c, theme);
      this.hasZoom = !!option.dataZoom;
      this.plot.setOption(
        {
          animation: false,
          backgroundColor: "transparent",
          useUTC: true,
          color: theme.palette,
          textStyle: { fontFamily: theme.font, color: theme.ink, fontSize: 12 },
          aria: { enabled: false },
          ...option,
        },
        { notMerge: true },
      );
      this.plot.resize();
      this.summary = this.describe();
    },
    tooltip(theme, more) {
      return {
        confine: true, backgroundColor: theme.card, borderColor: theme.strong, borderWidth: 1, padding: [6, 10],
        textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 12 },
        extraCssText: "max-width: 22rem; white-space: normal; box-shadow: var(--float);",
        ...more,
      };
    },
    legend(theme, more) {
      return {
        type: "scroll", top: 0, left: 0, right: 0, itemWidth: 18, itemHeight: 8, itemGap: 16,
        textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 12 },
        pageTextStyle: { color: theme.soft }, pageIconColor: theme.soft, ...more,
      };
    },
    when(ms) {
      return F().clock(ms, this.zone, this.language);
    },
    // The library knows no zones but its own and UTC: it is given the plant's clock as if it were UTC.
    local(ms) {
      const hour = Math.floor(ms / 3.6e6);
      const block = Math.floor(hour / 6);
      this.offsets ??= new Map();
      if (!this.offsets.has(block)) {
        const offset = (at) => Date.parse(`${this.when(at).replace(" ", "T")}:00Z`) - Math.floor(at / 6e4) * 6e4;
        const first = offset(block * 2.16e7), last = offset((block + 1) * 2.16e7 - 6e4);
        this.offsets.set(block, first === last ? first : offset);
      }
      const found = this.offsets.get(block);
      return ms + (typeof found === "number" ? found : found(ms));
    },
    // Axis labels: the day where it begins, else the hour.
    tick(local) {
      const [day, hour] = F().clock(local, "UTC", this.language).split(" ");
      const [year, month, date] = day.split("-");
      if (hour !== "00:00") return hour;
      if (date === "01" && month === "01") return year;
      return this.language === "zh" ? `${+month}月${+date}日` : `${+date} ${["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]}`;
    },
    lines(c, theme) {
      const say = (words) => F().said(words, this.language);
      const times = !!c.times;
      const own = (c.series || []).some((s) => s.x);
      const x = c.times ? c.times.map((t) => this.local(t)) : (c.x || []).map((v) => (typeof v === "object" ? say(v) : v));
      const names = !times && !own && typeof x[0] === "string";
      const units = [...new Set(c.series.map((s) => s.unit || ""))].slice(0, 2);
      const narrow = (this.$el.clientWidth || 600) < 520;
      const series = c.series.map((s, i) => this.one(s, i, { x, names, units, theme, times }));
      this.limits(c, series, units, theme);
      this.marks(c, series, theme);
      const zoomed = this.zoom && !names && Math.max(...c.series.map((s) => (s.values || []).length)) > 60;
      const value = (unit, index) => ({
        ...theme.axis, type: this.logY ? "log" : "value", scale: !this.fromZero && !c.series.some((s) => (s.kind || this.kind) === "bar"),
        name: unit, nameLocation: "end", nameGap: 10, position: index ? "right" : "left",
        nameTextStyle: { ...theme.axis.nameTextStyle, align: index ? "right" : "left", padding: index ? [0, -30, 0, 0] : [0, 0, 0, -28] },
        splitLine: index ? { show: false } : theme.axis.splitLine,
        axisLabel: { ...theme.axis.axisLabel, formatter: (v) => F().number(v, 4) },
      });
      const axisName = [say(c.x_name), c.x_unit ? `[${c.x_unit}]` : ""].filter(Boolean).join(" ");
      return {
        legend: this.legend(theme, { show: c.series.length > 1, data: c.series.map((s) => labelOf(s, this.language)) }),
        grid: { left: 8, right: units.length > 1 ? 14 : 20, top: c.series.length > 1 ? 56 : 30, bottom: (zoomed ? 44 : 8) + (axisName ? 18 : 0), containLabel: true },
        tooltip: this.tooltip(theme, {
          trigger: series.every((s) => s.type === "scatter") ? "item" : "axis",
          axisPointer: { type: names ? "shadow" : "line", lineStyle: { color: theme.strong }, shadowStyle: { color: "rgba(128,128,128,.12)" }, label: { show: false } },
          formatter: (all) => this.tip(all, times),
        }),
        dataZoom: zoomed ? [
          { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
          { type: "slider", height: 22, bottom: 6, borderColor: theme.rule, fillerColor: "rgba(178,60,11,.10)", handleStyle: { color: theme.card, borderColor: theme.strong }, moveHandleSize: 4,
            moveHandleStyle: { color: theme.strong }, dataBackground: { lineStyle: { color: theme.strong }, areaStyle: { color: theme.grid } },
            selectedDataBackground: { lineStyle: { color: theme.accent }, areaStyle: { color: theme.grid } }, textStyle: { color: theme.soft }, labelFormatter: times ? (v) => F().clock(v, "UTC", this.language).slice(0, 10) : undefined },
        ] : undefined,
        xAxis: {
          ...theme.axis, type: names ? "category" : this.logX ? "log" : times ? "time" : "value", data: names ? x : undefined,
          name: axisName, nameLocation: "middle", nameGap: 28, scale: true, splitLine: { show: false },
          axisLabel: {
            ...theme.axis.axisLabel,
            formatter: times ? (v) => this.tick(v) : names ? undefined : (v) => F().number(v, 4),
            ...(names ? { interval: x.length > 40 ? "auto" : 0, width: narrow ? 60 : 110, overflow: "break", rotate: x.length > (narrow ? 6 : 14) ? 40 : 0 } : {}),
          },
        },
        yAxis: units.map(value),
        series,
      };
    },
    one(s, index, { x, names, units, theme, times }) {
      const kind = s.kind || this.kind;
      const own = s.x ? (times ? s.x.map((t) => this.local(t)) : s.x) : x;
      const values = s.values || [];
      const colour = s.tone ? theme.tone(s.tone) : theme.palette[index % theme.palette.length];
      const large = values.length > LARGE;
      const series = {
        name: labelOf(s, this.language),
        type: { bar: "bar", points: "scatter" }[kind] || "line",
        data: names ? values : values.map((v, i) => [own[i], v]),
        yAxisIndex: Math.max(0, units.indexOf(s.unit || "")),
        itemStyle: { color: colour },
        stack: s.stack || undefined,
        z: 3,
      };
      if (series.type === "line") {
        Object.assign(series, {
          step: kind === "step" ? "end" : false, sampling: large ? "lttb" : undefined, connectNulls: false,
          showSymbol: values.length <= 60, symbol: ["circle", "rect", "triangle", "diamond"][index % 4], symbolSize: 6,
          lineStyle: { color: colour, width: large ? 1.2 : 2, type: ["solid", "solid", [6, 3], [2, 3]][index % 4] },
          areaStyle: kind === "area" || (s.stack && kind !== "line") ? { color: colour, opacity: 0.35 } : undefined,
        });
      }
      if (series.type === "scatter") Object.assign(series, { symbolSize: values.length > 400 ? 4 : 7, symbol: ["circle", "rect", "triangle", "diamond"][index % 4], large: values.length > 5000 });
      if (series.type === "bar") Object.assign(series, { barMaxWidth: 42, itemStyle: { color: colour, borderRadius: s.stack ? 0 : [2, 2, 0, 0] } });
      if (times && series.type === "bar") series.barMinWidth = 1;
      return series;
    },
    limits(c, series, units, theme) {
      for (const limit of c.limits || []) {
        const at = Math.max(0, units.indexOf(limit.unit ?? units[0]));
        const home = series.find((s) => s.yAxisIndex === at) || series[0];
        if (!home || limit.value == null) continue;
        const colour = theme.tone(KINDS[limit.kind] || "bad");
        home.markLine ??= { symbol: "none", silent: true, animation: false, data: [] };
        home.markLine.data.push({
          yAxis: limit.value,
          lineStyle: { color: colour, type: limit.kind === "target" ? "solid" : "dashed", width: 1.5 },
          label: {
            formatter: `${F().said(limit.name, this.language)} ${F().number(limit.value, 6)}`, position: "insideEndTop", color: colour, fontFamily: theme.font,
            backgroundColor: theme.card, padding: [1, 4], borderRadius: 2, fontSize: 12,
          },
        });
      }
      // The axis reaches as far as the limits, or nobody would see how far away they are.
      const far = (c.limits || []).filter((l) => l.value != null);
      const first = series[0]?.data?.find((v) => v != null);
      const at = Array.isArray(first) ? first[0] : 0;
      if (far.length && series.length) {
        series.push({
          name: "", type: "scatter", data: far.map((l) => [at, l.value]), silent: true, symbolSize: 0, tooltip: { show: false },
          yAxisIndex: Math.max(0, units.indexOf(far[0].unit ?? units[0])),
        });
      }
    },
    marks(c, series, theme) {
      if (!(c.marks || []).length || !series.length) return;
      const home = series[0];
      const say = (words) => F().said(words, this.language);
      const points = c.marks.filter((m) => m.value != null);
      const moments = c.marks.filter((m) => m.value == null);
      if (points.length) {
        series.push({
          name: "", type: "scatter", z: 6, symbol: "circle", symbolSize: 13, tooltip: { show: true },
          data: points.map((m) => ({
            value: [c.times ? this.local(m.at) : m.at, m.value], note: [say(m.name), say(m.note)].filter(Boolean),
            itemStyle: { color: "transparent", borderColor: theme.tone(m.tone || "bad"), borderWidth: 2 }, link: m.link,
          })),
        });
      }
      if (moments.length) {
        home.markLine ??= { symbol: "none", animation: false, data: [] };
        home.markLine.silent = false;
        for (const m of moments) {
          const colour = theme.tone(m.tone || "unknown");
          home.markLine.data.push({
            xAxis: c.times ? this.local(m.at) : m.at, lineStyle: { color: colour, type: "dotted", width: 1.5 },
            label: { formatter: say(m.name), color: colour, position: "insideEndTop", fontFamily: theme.font, rotate: 0, align: "left", backgroundColor: theme.card, padding: [1, 4], width: 130, overflow: "truncate" },
          });
        }
      }
    },
    // Tooltips are built of elements, never of strings with HTML in them.
    tip(given, times) {
      const all = (Array.isArray(given) ? given : [given]).filter((p) => p.seriesName || p.data?.note);
      const box = document.createElement("div");
      const add = (words, style = "") => {
        const line = document.createElement("div");
        line.textContent = words;
        line.style.cssText = style;
        box.append(line);
      };
      if (!all.length) return "";
      const at = all[0].axisValue ?? all[0].value?.[0];
      add(times ? F().clock(at, "UTC", this.language) : typeof at === "number" ? F().number(at, 6) : at ?? "", "font-weight: 600");
      for (const p of all) {
        if (p.data?.note) {
          p.data.note.forEach((words) => add(words, "max-width: 20rem"));
          continue;
        }
        const value = Array.isArray(p.value) ? p.value[1] : p.value;
        const line = document.createElement("div");
        const dot = document.createElement("span");
        dot.style.cssText = `display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 6px; background: ${p.color}`;
        line.append(dot, `${p.seriesName}: ${F().number(value, 5)}`);
        box.append(line);
      }
      return box;
    },
    heatmap(c, theme) {
      const say = (words) => F().said(words, this.language);
      const values = c.cells.map((cell) => cell[2]).filter((v) => v != null);
      const least = c.least ?? Math.min(...values), most = c.most ?? Math.max(...values);
      const dark = document.documentElement.dataset.theme === "dark";
      return {
        grid: { left: 8, right: 12, top: 12, bottom: 62, containLabel: true },
        tooltip: this.tooltip(theme, {
          formatter: (p) => this.plain([`${say(c.x[p.value[0]])} · ${say(c.y[p.value[1]])}`, `${say(c.name)}: ${F().number(p.value[2], 4)} ${c.unit || ""}`]),
        }),
        xAxis: { ...theme.axis, type: "category", data: c.x.map(say), splitArea: { show: false } },
        yAxis: { ...theme.axis, type: "category", data: c.y.map(say), inverse: true },
        visualMap: {
          min: least, max: most > least ? most : least + 1, calculable: false, orient: "horizontal", left: "center", bottom: 2, itemHeight: 140,
          text: [`${F().number(most)} ${c.unit || ""}`, `${F().number(least)}`], textStyle: { color: theme.soft, fontFamily: theme.font },
          inRange: { color: dark ? ["#2e2622", "#5b2f1a", "#b2531c", "#ffb066", "#fff1c9"] : ["#fbf5ea", "#f6cf9a", "#e58a3c", "#b23c0b", "#4d1605"] },
        },
        series: [{ type: "heatmap", data: c.cells.filter((cell) => cell[2] != null), itemStyle: { borderColor: theme.card, borderWidth: 1 } }],
      };
    },
    plain(parts) {
      const box = document.createElement("div");
      for (const words of parts.filter(Boolean)) {
        const line = document.createElement("div");
        line.textContent = words;
        box.append(line);
      }
      return box;
    },
    gantt(c, theme) {
      const say = (words) => F().said(words, this.language);
      const names = c.tasks.map((t) => say(t.name));
      const bars = c.tasks.map((t, i) => ({
        value: [i, this.local(Date.parse(t.start_at ?? t.start_on)), this.local(Date.parse(t.end_at ?? t.end_on)), t.share ?? null], tone: t.tone, note: say(t.note), link: t.link,
      }));
      const draw = (params, api) => {
        const from = api.coord([api.value(1), api.value(0)]), to = api.coord([api.value(2), api.value(0)]);
        const height = Math.min(20, api.size([0, 1])[1] * 0.62);
        const tone = bars[params.dataIndex].tone;
        const colour = tone ? theme.tone(tone) : theme.palette[0];
        const shape = echarts.graphic.clipRectByRect(
          { x: from[0], y: from[1] - height / 2, width: Math.max(3, to[0] - from[0]), height },
          { x: params.coordSys.x, y: params.coordSys.y, width: params.coordSys.width, height: params.coordSys.height },
        );
        if (!shape) return undefined;
        const share = bars[params.dataIndex].value[3];
        const children = [{ type: "rect", shape: { ...shape, r: 3 }, style: { fill: colour, opacity: share == null ? 1 : 0.35 } }];
        if (share) children.push({ type: "rect", shape: { ...shape, width: shape.width * share, r: 3 }, style: { fill: colour } });
        return { type: "group", children };
      };
      const day = (local) => F().clock(local, "UTC", this.language).slice(0, 10);
      const today = c.today_at ? this.local(Date.parse(c.today_at)) : null;
      return {
        grid: { left: 8, right: 20, top: 8, bottom: 8, containLabel: true },
        tooltip: this.tooltip(theme, {
          formatter: (p) => this.plain([names[p.value[0]], `${day(p.value[1])} – ${day(p.value[2])}`, bars[p.dataIndex].note]),
        }),
        xAxis: { ...theme.axis, type: "time", position: "top", axisLabel: { ...theme.axis.axisLabel, formatter: (v) => this.tick(v) } },
        yAxis: { ...theme.axis, type: "category", data: names, inverse: true, splitLine: { show: true, lineStyle: { color: theme.grid } }, axisLabel: { ...theme.axis.axisLabel, color: theme.ink, width: this.$el.clientWidth < 520 ? 110 : 240, overflow: "break", interval: 0 } },
        series: [{
          type: "custom", renderItem: draw, encode: { x: [1, 2], y: 0 }, data: bars,
          markLine: today ? { symbol: "none", silent: true, data: [{ xAxis: today, lineStyle: { color: theme.accent, type: "solid" }, label: { show: false } }] } : undefined,
        }],
      };
    },
    waterfall(c, theme) {
      const say = (words) => F().said(words, this.language);
      let height = 0;
      const rows = c.steps.map((step) => {
        const from = step.total ? 0 : height;
        height = step.total ? step.value : height + (step.value ?? 0);
        return { name: say(step.name), from, to: height, value: step.value, total: step.total, tone: step.tone };
      });
      const draw = (params, api) => {
        const row = rows[params.dataIndex];
        const a = api.coord([params.dataIndex, row.from]), b = api.coord([params.dataIndex, row.to]);
        const width = Math.min(54, api.size([1, 0])[0] * 0.62);
        const colour = row.tone ? theme.tone(row.tone) : row.total ? theme.palette[0] : row.value > 0 ? theme.tone("bad") : theme.tone("good");
        return {
          type: "group",
          children: [
            { type: "rect", shape: { x: a[0] - width / 2, y: Math.min(a[1], b[1]), width, height: Math.max(1.5, Math.abs(a[1] - b[1])) }, style: { fill: colour } },
            { type: "text", style: { text: row.total ? F().number(row.value) : `${row.value > 0 ? "+" : ""}${F().number(row.value)}`, x: a[0], y: Math.min(a[1], b[1]) - 4, textAlign: "center", textVerticalAlign: "bottom", fill: theme.ink, font: `12px ${theme.font}` } },
          ],
        };
      };
      return {
        grid: { left: 8, right: 12, top: 34, bottom: 8, containLabel: true },
        tooltip: this.tooltip(theme, { formatter: (p) => this.plain([rows[p.dataIndex].name, `${F().number(rows[p.dataIndex].value, 5)} ${c.unit || ""}`]) }),
        xAxis: { ...theme.axis, type: "category", data: rows.map((r) => r.name), axisLabel: { ...theme.axis.axisLabel, interval: 0, width: Math.max(46, (this.$el.clientWidth || 600) / rows.length - 12), overflow: "break" } },
        yAxis: { ...theme.axis, type: "value", name: c.unit || "", nameTextStyle: { ...theme.axis.nameTextStyle, align: "left", padding: [0, 0, 0, -28] }, axisLabel: { ...theme.axis.axisLabel, formatter: (v) => F().number(v, 4) } },
        series: [{ type: "custom", renderItem: draw, encode: { x: 0, y: [1, 2] }, data: rows.map((r, i) => [i, r.from, r.to]) }],
      };
    },
    radar(c, theme) {
      const say = (words) => F().said(words, this.language);
      return {
        legend: this.legend(theme, { show: c.series.length > 1, top: "bottom" }),
        tooltip: this.tooltip(theme, { trigger: "item", formatter: (p) => this.plain([p.name, ...c.axes.map((a, i) => `${say(a.name)}: ${F().number(p.value[i])}`)]) }),
        radar: {
          indicator: c.axes.map((a) => ({ name: say(a.name), max: a.most, min: a.least ?? 0 })), radius: "64%", center: ["50%", c.series.length > 1 ? "47%" : "51%"],
          axisName: { color: theme.ink, fontFamily: theme.font, fontSize: 12, width: 110, overflow: "break" },
          splitLine: { lineStyle: { color: theme.grid } }, splitArea: { show: false }, axisLine: { lineStyle: { color: theme.grid } },
        },
        series: [{
          type: "radar",
          data: c.series.map((s, i) => ({
            name: say(s.name), value: s.values, symbol: ["circle", "rect", "triangle", "diamond"][i % 4], symbolSize: 6,
            lineStyle: { color: theme.palette[i], width: 2, type: i % 2 ? [5, 3] : "solid" }, itemStyle: { color: theme.palette[i] }, areaStyle: { color: theme.palette[i], opacity: 0.12 },
          })),
        }],
      };
    },
    describe() {
      const c = this.content;
      const spoken = (name, values, unit) => {
        const known = values.filter((v) => v != null);
        if (!known.length) return "";
        const least = known.reduce((a, b) => Math.min(a, b)), most = known.reduce((a, b) => Math.max(a, b));
        return F().filled(this.words.summary, { name, n: known.length, least: F().number(least), most: F().number(most), unit: unit || "" }).trim();
      };
      const parts = [this.title];
      if (c.cells) parts.push(spoken(F().said(c.name, this.language), c.cells.map((cell) => cell[2]), c.unit));
      else if (c.tasks) parts.push(c.tasks.map((t) => F().said(t.name, this.language)).slice(0, 20).join(", "));
      else if (c.steps) parts.push(c.steps.map((s) => `${F().said(s.name, this.language)} ${F().number(s.value)}`).join(", "));
      else (c.series || []).forEach((s) => parts.push(spoken(F().said(s.name, this.language), s.values || [], s.unit)));
      (c.limits || []).forEach((l) => parts.push(`${F().said(l.name, this.language)} ${F().number(l.value, 6)}`));
      return parts.filter(Boolean).join(". ");
    },
    asTable() {
      const c = this.content;
      const say = (words) => F().said(words, this.language);
      if (c.cells) return { head: ["", "", labelOf(c, this.language)], rows: c.cells.map(([x, y, v]) => [say(c.x[x]), say(c.y[y]), v]) };
      if (c.tasks) return { head: [this.title, "", "", this.words.note], rows: c.tasks.map((t) => [say(t.name), t.start_at ?? t.start_on, t.end_at ?? t.end_on, say(t.note)]) };
      if (c.steps) return { head: [this.title, c.unit || ""], rows: c.steps.map((s) => [say(s.name), s.value]) };
      if (c.axes) return { head: [this.title, ...c.series.map((s) => say(s.name))], rows: c.axes.map((a, i) => [say(a.name), ...c.series.map((s) => s.values[i])]) };
      const head = [c.times ? this.words.time : [say(c.x_name), c.x_unit ? `[${c.x_unit}]` : ""].join(" ").trim()];
      if (c.series.some((s) => s.x)) {
        return { head: [this.title, head[0], ""], rows: c.series.flatMap((s) => s.values.map((v, i) => [labelOf(s, this.language), (s.x || c.x)[i], v])) };
      }
      const x = c.times ? c.times.map((t) => this.when(t)) : (c.x || []).map(say);
      return { head: [...head, ...c.series.map((s) => labelOf(s, this.language))], rows: x.map((at, i) => [at, ...c.series.map((s) => s.values[i])]) };
    },
    whole() {
      this.plot.dispatchAction({ type: "dataZoom", start: 0, end: 100 });
    },
    savePicture() {
      const link = document.createElement("a");
      link.href = this.plot.getDataURL({ pixelRatio: 2, backgroundColor: F().css("card") });
      link.download = `${this.title}.png`;
      link.click();
    },
    saveFigures() {
      const { head, rows } = this.asTable();
      F().save(F().csv([head, ...rows]), `${this.title}.csv`);
    },
  },
};

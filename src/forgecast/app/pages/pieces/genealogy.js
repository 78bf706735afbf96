const F = () => window.forgecast;
const COLOURS = {
  lot: "var(--c8, var(--soft))", heat: "var(--c2)", ladle: "var(--c3)", holding_fill: "var(--c3)", mould: "var(--c4)", shot: "var(--c4)",
  piece: "var(--c1)", heat_treatment: "var(--c5)", shipment: "var(--c6, var(--good))",
};
const LEFT = 24, TOP = 40, BOTTOM = 16;

export default {
  props: { source: String, language: String, zone: String, title: String, link: String, words: Object },
  template: `
    <div class="fc-chart fc-genealogy">
      <div class="fc-part-tools" v-if="drawn">
        <button type="button" class="fc-tool" @click="scale = Math.min(2, scale * 1.25)">{{ words.larger }}</button>
        <button type="button" class="fc-tool" @click="scale = Math.max(0.4, scale / 1.25)">{{ words.smaller }}</button>
        <button type="button" class="fc-tool" @click="fit">{{ words.fit }}</button>
      </div>
      <div v-if="drawn" ref="room" style="overflow: auto; max-height: 34rem" tabindex="0" role="group" :aria-label="title">
        <svg :width="width * scale" :height="height * scale" :viewBox="'0 0 ' + width + ' ' + height" role="group" :aria-label="title"
             style="display: block; font-family: var(--font)">
          <text v-for="h in heads" :x="h.x" y="24" font-size="11" font-weight="600" fill="var(--soft)">{{ h.name }}</text>
          <g v-for="(l, i) in lines" :opacity="lit && !lit.lines.has(i) ? 0.15 : 1">
            <path :d="l.path" fill="none" :stroke="l.colour" stroke-opacity="0.7" :stroke-width="l.width" :stroke-dasharray="l.recorded ? null : '5 4'" />
          </g>
          <a v-for="(b, i) in boxes" :href="b.href" :aria-label="b.said" :opacity="lit && !lit.boxes.has(i) ? 0.3 : 1"
             @mouseenter="light(i)" @mouseleave="lit = null" @focus="light(i)" @blur="lit = null" @click="open($event, b)" style="cursor: pointer; text-decoration: none">
            <title>{{ b.said }}</title>
            <rect :x="b.x" :y="b.y" :width="bw" :height="bh" rx="5" :fill="b.subject ? 'var(--accent-wash)' : 'var(--card)'"
                  :stroke="b.subject ? 'var(--accent)' : b.colour" :stroke-width="b.subject ? 2.5 : 1" />
            <rect :x="b.x" :y="b.y" width="4" :height="bh" rx="2" :fill="b.colour" />
            <text :x="b.x + 10" :y="b.y + 15" font-size="11.5" font-weight="600" fill="var(--ink)">{{ cut(b.label, 19) }}</text>
            <text :x="b.x + 10" :y="b.y + 29" font-size="9.5" fill="var(--soft)">{{ cut(b.facts, 26) }}</text>
          </a>
          <text v-for="l in labelled" :x="l.lx" :y="l.ly" font-size="9.5" :text-anchor="l.anchor" fill="var(--ink)" stroke="var(--card)"
                stroke-width="3" paint-order="stroke" stroke-linejoin="round">{{ l.label }}</text>
        </svg>
      </div>
      <p v-if="drawn" class="fc-soft" style="font-size: var(--s)">{{ words.legend }}<template v-if="leftOut"> {{ words.more.replace("{n}", leftOut) }}</template></p>
      <div v-if="opened" class="fc-row" role="status">
        <b>{{ opened.label }}</b><a v-for="n in opened.names" class="fc-link" :href="to(opened.kind, n)">{{ n }}</a></div>
      <div v-if="!drawn && !failed" class="fc-waiting" role="status" style="min-height: 160px"><span>{{ words.working }}</span></div>
      <p v-if="failed" class="fc-part-said failed" role="alert">× {{ failed }}</p>
    </div>`,
  data: () => ({ drawn: false, failed: "", boxes: [], lines: [], heads: [], bw: 0, bh: 0, width: 0, height: 0, scale: 1, lit: null, opened: null, leftOut: 0 }),
  computed: {
    labelled() {
      return this.lines.filter((l) => l.label);
    },
  },
  async mounted() {
    try {
      const answer = await F().json(this.source);
      if (this.gone) return;
      this.place(answer.picture);
      this.drawn = true;
      await this.$nextTick();
      this.fit();
      this.$el.dataset.drawn = "yes";
    } catch (error) {
      this.failed = F().why(error, this.words, this.language);
    }
  },
  beforeUnmount() {
    this.gone = true; // an answer still under way has nowhere to be drawn
  },
  methods: {
    to(kind, id) {
      return this.link.replace("{kind}", encodeURIComponent(kind)).replace("{id}", encodeURIComponent(id));
    },
    cut(words, room) {
      let taken = 0;
      for (let i = 0; i < words.length; i++) {
        taken += words.charCodeAt(i) > 0x2e80 ? 2 : 1;
        if (taken > room) return `${words.slice(0, Math.max(i - 1, 1))}…`;
      }
      return words;
    },
    fit() {
      const room = this.$refs.room?.clientWidth || this.width;
      this.scale = Math.min(1.15, Math.max(0.8, room / this.width));
    },
    light(i) {
      // All that leads to a box and all that comes of it.
      const boxes = new Set([i]), lines = new Set();
      const walk = (from, to) => {
        const due = [i], seen = new Set([i]);
        while (due.length) {
          const at = due.pop();
          this.lines.forEach((l, n) => {
            if (l[from] !== at) return;
            lines.add(n);
            boxes.add(l[to]);
            if (!seen.has(l[to])) seen.add(l[to]) && due.push(l[to]);
          });
        }
      };
      walk("child", "parent");
      walk("parent", "child");
      this.lit = { boxes, lines };
    },
    open(event, box) {
      if (box.names.length < 2) return;
      event.preventDefault();
      this.opened = box;
    },
    place(c) {
      const say = (words) => F().said(words, this.language);
      const least = Math.min(...c.boxes.map((b) => b.y)), leftmost = Math.min(...c.boxes.map((b) => b.x));
      const around = c.lines.some((l) => c.boxes[l.parent].x === c.boxes[l.child].x && c.boxes[l.parent].x === leftmost) ? 56 : 0;
      const dx = LEFT - leftmost + around, dy = TOP - least;
      this.bw = c.box_width;
      this.bh = c.box_height;
      this.leftOut = c.left_out;
      this.boxes = c.boxes.map((b) => {
        const facts = [];
        if (b.low < 0.995) facts.push(b.high - b.low < 0.005 ? `P ${b.low.toFixed(2)}` : `P ${b.low.toFixed(2)}–${b.high.toFixed(2)}`);
        if (b.count === 1 && b.pieces > 1) facts.push(this.words.pieces.replace("{n}", b.pieces));
        if (b.count > 1) facts.push(`${b.names[0]} … ${b.names[b.names.length - 1]}`);
        else if (b.occurred_at) facts.push(F().clock(Date.parse(b.occurred_at), this.zone, this.language));
        const label = say(b.label);
        return {
          ...b, x: b.x + dx, y: b.y + dy, label, facts: facts.join(" · "), colour: COLOURS[b.kind] || "var(--soft)", href: this.to(b.kind, b.names[0]),
          said: [say(b.title), label, ...facts, b.count > 1 ? b.names.slice(0, 12).join(", ") : ""].filter(Boolean).join(", "),
        };
      });
      const heads = new Map();
      for (const b of this.boxes) {
        if (!heads.has(b.x)) heads.set(b.x, []);
        if (!heads.get(b.x).includes(say(b.title))) heads.get(b.x).push(say(b.title));
      }
      this.heads = [...heads].map(([x, names]) => ({ x, name: names.join(" / ") }));
      this.lines = c.lines.map((l) => {
        const treated = l.relation === "treated";
        const a = this.boxes[treated ? l.child : l.parent], b = this.boxes[treated ? l.parent : l.child];
        const y1 = a.y + this.bh / 2, y2 = b.y + this.bh / 2;
        let x1 = a.x + this.bw, x2 = b.x, path;
        if (a.x === b.x) {
          x1 = a.x;
          path = `M${x1},${y1} C${x1 - 30},${y1} ${x2 - 30},${y2} ${x2},${y2}`;
        } else {
          const bend = Math.max((x2 - x1) * 0.45, 30);
          path = `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
        }
        return { ...l, path, colour: this.boxes[l.parent].colour, width: 1 + 3 * (l.share ?? 0.3), label: l.label ? say(l.label) : "", a: { x: x1, y: y1 }, b: { x: x2, y: y2 } };
      });
      this.tell();
      this.width = Math.max(...this.boxes.map((b) => b.x)) + this.bw + LEFT;
      this.height = Math.max(...this.boxes.map((b) => b.y)) + this.bh + BOTTOM;
    },
    tell() {
      // Labels stand at the end where fewer lines meet, one under the other.
      const told = this.lines.filter((l) => l.label);
      const count = (key) => told.reduce((m, l) => m.set(l[key], (m.get(l[key]) || 0) + 1), new Map());
      const into = count("child"), out = count("parent"), ends = new Map();
      for (const l of told) {
        const end = into.get(l.child) <= out.get(l.parent);
        const key = end ? `b${l.child}` : `a${l.parent}`;
        if (!ends.has(key)) ends.set(key, []);
        ends.get(key).push([l, end]);
      }
      for (const some of ends.values()) {
        some.sort((p, q) => (p[1] ? p[0].a.y - q[0].a.y : p[0].b.y - q[0].b.y));
        some.forEach(([l, end], n) => {
          const at = end ? l.b : l.a;
          l.lx = at.x + (end ? -5 : 5);
          l.ly = at.y + 3 + (n - (some.length - 1) / 2) * 11;
          l.anchor = end ? "end" : "start";
        });
      }
    },
  },
};

// The latest values as rows that renew themselves: the page hands over what has changed, ages count up by themselves.
const F = () => window.forgecast;
const ORDER = { alarm: 0, waiting: 1, late: 2, normal: 3 };
const TONES = { alarm: "bad", waiting: "warn", late: "unknown", normal: "good" };
const SIGNS = { bad: "×", warn: "!", unknown: "?", good: "✓" };

export default {
  props: { words: Object, zone: String, language: String, link: String, rows: Array },
  template: `
    <div class="fc-grid" data-drawn="yes">
      <div class="fc-grid-bar" v-if="all.length > 8">
        <input type="search" v-model="search" :placeholder="words.search" :aria-label="words.search" />
        <span class="count">{{ shown.length }} / {{ all.length }}</span>
      </div>
      <div class="fc-scroll" tabindex="0" v-if="all.length">
        <table class="fc-table"><caption class="fc-unseen">{{ words.caption }}</caption>
          <thead><tr><th scope="col">{{ words.signal }}</th><th scope="col" class="fc-right">{{ words.value }}</th>
            <th scope="col">{{ words.state }}</th><th scope="col">{{ words.quality }}</th>
            <th scope="col" class="fc-right">{{ words.age }}</th></tr></thead>
          <tbody><tr v-for="row in shown" :key="row.tag" :data-tag="row.tag">
            <td :data-label="words.signal"><a class="fc-link" :href="address(row)">{{ row.tag }}</a>
              <span class="fc-line fc-soft">{{ row.name }}</span></td>
            <td class="fc-right" :data-label="words.value"><span class="fc-number">{{ number(row.value) }}<span class="fc-unit">{{ row.unit }}</span></span></td>
            <td :data-label="words.state"><span :class="'fc-chip tone-' + tone(row)"><span class="fc-sign" aria-hidden="true">{{ sign(row) }}</span>{{ words["state_" + row.state] }}</span></td>
            <td :data-label="words.quality">{{ said(row.quality_words) }}</td>
            <td class="fc-right" :data-label="words.age"><time :datetime="row.at" :title="clock(row)">{{ age(row) }}</time></td>
          </tr></tbody>
        </table>
      </div>
      <p v-else class="fc-part-said">{{ words.none }}</p>
    </div>`,
  data: () => ({ byTag: {}, search: "", now: Date.now() }),
  computed: {
    all() {
      return Object.values(this.byTag).sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.tag.localeCompare(b.tag));
    },
    shown() {
      const asked = this.search.trim().toLowerCase();
      return asked ? this.all.filter((row) => `${row.tag} ${row.name}`.toLowerCase().includes(asked)) : this.all;
    },
  },
  mounted() {
    this.take(this.rows || []);
    this.$emit("taken");
    this.clockwork = setInterval(() => (this.now = Date.now()), 1000);
  },
  beforeUnmount() {
    clearInterval(this.clockwork);
  },
  methods: {
    take(rows) {
      const next = { ...this.byTag };
      for (const row of rows) next[row.tag] = { ...row, seen: Date.now() };
      this.byTag = next;
    },
    tone: (row) => TONES[row.state],
    sign: (row) => SIGNS[TONES[row.state]],
    number: (value) => (value == null ? "—" : F().number(value, 5)),
    said(words) {
      return F().said(words, this.language);
    },
    clock(row) {
      return F().clock(row.t_ms, this.zone, this.language);
    },
    address(row) {
      return this.link + encodeURIComponent(row.tag);
    },
    // The age was told when the row came; since then this browser's own clock has gone on, right or wrong.
    age(row) {
      const s = Math.max(0, row.age_s + (this.now - row.seen) / 1000);
      const [n, unit] = s < 120 ? [s, "s"] : s < 7200 ? [s / 60, "min"] : s < 172800 ? [s / 3600, "h"] : [s / 86400, "d"];
      return F().filled(this.words["age_" + unit], { n: Math.round(n) });
    },
  },
};

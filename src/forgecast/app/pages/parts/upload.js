const PART = 4 * 1024 * 1024;
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export default {
  props: { address: String, label: String, hint: String, accept: String, words: Object },
  template: `
    <div :class="['fc-upload', { over }]" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="drop">
      <strong :id="id + 'l'">{{ label }}</strong>
      <div class="fc-upload-row" v-if="!sending">
        <input class="fc-unseen" type="file" ref="file" :accept="accept" :id="id" :aria-label="label" @change="chosen" />
        <button type="button" class="fc-button" @click="$refs.file.click()" :aria-describedby="id + 'l'">
          {{ kept ? words.other : words.choose }}</button>
        <span class="fc-soft">{{ words.drop }}</span>
      </div>
      <span class="fc-soft" v-if="hint">{{ hint }}</span>
      <div class="fc-job" v-if="sending">
        <div class="fc-bar" role="progressbar" :aria-valuenow="Math.round(100 * share)" aria-valuemin="0" aria-valuemax="100" :aria-label="label">
          <i :style="{ width: 100 * share + '%' }"></i></div>
        <div class="fc-row"><span class="fc-soft">{{ progress }}</span>
          <button type="button" class="fc-button quiet" @click="stop">{{ words.stop }}</button></div>
      </div>
      <p v-if="kept" class="fc-notice tone-good" role="status">✓ {{ kept }}</p>
      <p v-if="failed" class="fc-notice tone-bad" role="alert">× {{ failed }}</p>
    </div>`,
  data: () => ({ over: false, sending: false, share: 0, total: 0, kept: "", failed: "", id: `up${Math.random().toString(36).slice(2)}` }),
  computed: {
    progress() {
      return forgecast.filled(this.words.sending, { share: `${Math.round(100 * this.share)}%`, size: size(this.total) });
    },
  },
  methods: {
    drop(event) {
      this.over = false;
      if (event.dataTransfer.files.length) this.send(event.dataTransfer.files[0]);
    },
    chosen(event) {
      if (event.target.files.length) this.send(event.target.files[0]);
      event.target.value = "";
    },
    stop() {
      this.stopped?.abort();
    },
    async send(file) {
      Object.assign(this, { sending: true, share: 0, total: file.size, kept: "", failed: "" });
      this.stopped = new AbortController();
      const signal = this.stopped.signal;
      const headers = { "x-forgecast-csrf": forgecast.csrf() };
      const ask = async (address, options) => {
        const answer = await fetch(address, { ...options, signal });
        const content = await answer.json().catch(() => ({}));
        if (!answer.ok) throw Object.assign(new Error(String(answer.status)), { told: content.error, status: answer.status });
        return content;
      };
      try {
        const query = new URLSearchParams({ file_name: file.name, size: file.size });
        let begun = await ask(`${this.address}/parts?${query}`, { method: "POST", headers });
        const place = `${this.address}/parts/${begun.id}`;
        let tries = 0;
        while (!begun.upload) {
          const part = file.slice(begun.offset, begun.offset + PART);
          try {
            begun = await ask(place, {
              method: "PATCH",
              body: part,
              headers: { ...headers, "Upload-Offset": begun.offset, "Content-Type": "application/octet-stream" },
            });
            tries = 0;
          } catch (error) {
            // A line that broke is tried again where it broke; a refusal is not.
            if (signal.aborted || (error.status && error.status !== 409) || ++tries > 6) throw error;
            await new Promise((go) => setTimeout(go, 500 * 2 ** tries));
            begun = await ask(place, { headers });
          }
          this.share = file.size ? begun.offset / file.size : 1;
        }
        this.kept = forgecast.filled(this.words.kept, { name: file.name, size: size(file.size) });
        this.$emit("kept", { id: begun.upload.id, name: file.name });
      } catch (error) {
        if (!signal.aborted) this.failed = forgecast.why(error, this.words, document.documentElement.lang.slice(0, 2));
      } finally {
        this.sending = false;
      }
    },
  },
};

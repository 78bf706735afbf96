import { THREE, OrbitControls } from "nicegui-scene";

const F = () => window.forgecast;
const MISSING = -9;
//: More triangles than this are thinned out while the body is turned.
const QUICK = 40000;
const PALETTES = {
  time: ["#30123b", "#4454c4", "#3f8efc", "#1fc9dd", "#46f783", "#b9f635", "#faba39", "#f05b12", "#a31300"],
  heat: ["#17100f", "#4b1510", "#8c2310", "#c84a0f", "#ee8426", "#fcc25a", "#fff3c4"],
  share: ["#e9e4da", "#f3cf9a", "#e79545", "#c5520f", "#8c1d08", "#3f0a05"],
  margin: ["#8c1d08", "#d95f21", "#f0b660", "#e9e4da", "#7fc4b4", "#17806d", "#0b4a4a"],
};
const TONES = { casting: "#a9b0b8", riser: "#c9a36a", chill: "#5c7fa8", core: "#b59c80", sleeve: "#9a8f84", cavity: "#c4161c", porous: "#d8741a", mould: "#b3a488", die: "#6f7a86" };
const HIDDEN = new Set(["mould"]);
const AXES = ["x", "y", "z"];

const VERTEX = `
in float share; out float vShare; out vec3 vNormal; out vec3 vAt; out vec3 vSeen;
void main() { vShare = share; vNormal = normalMatrix * normal; vAt = position; vec4 seen = modelViewMatrix * vec4(position, 1.0); vSeen = seen.xyz; gl_Position = projectionMatrix * seen; }`;
const FRAGMENT = `
precision highp float;
in float vShare; in vec3 vNormal; in vec3 vAt; in vec3 vSeen; out vec4 ink;
uniform sampler2D lut; uniform vec3 tone; uniform vec4 plane; uniform bool cut; uniform bool flat_;
void main() {
  if (cut && dot(plane.xyz, vAt) > plane.w) discard;
  vec3 n = flat_ ? normalize(cross(dFdx(vSeen), dFdy(vSeen))) : normalize(vNormal);
  if (!flat_ && !gl_FrontFacing) n = -n;
  float light = 0.45 + 0.55 * max(0.0, dot(n, normalize(vec3(0.25, 0.45, 0.86))));
  vec3 base = vShare < -0.5 ? tone : texture(lut, vec2(clamp(vShare, 0.004, 0.996), 0.5)).rgb;
  if (!gl_FrontFacing) base *= 0.55;
  ink = vec4(base * light, 1.0);
}`;
const CAP_VERTEX = `out vec3 vAt; void main() { vAt = (modelMatrix * vec4(position, 1.0)).xyz; gl_Position = projectionMatrix * viewMatrix * vec4(vAt, 1.0); }`;
const CAP_FRAGMENT = `
precision highp float; precision highp sampler3D;
in vec3 vAt; out vec4 ink;
uniform sampler3D inside; uniform sampler2D lut; uniform vec3 low; uniform vec3 high;
void main() {
  vec3 at = (vAt - low) / (high - low);
  if (any(lessThan(at, vec3(0.0))) || any(greaterThan(at, vec3(1.0)))) discard;
  float byte = texture(inside, at).r * 255.0;
  if (byte < 0.5) discard;
  ink = vec4(texture(lut, vec2(clamp((byte - 1.0) / 254.0, 0.004, 0.996), 0.5)).rgb, 1.0);
}`;

function read(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0, false) !== 0x46434d31) throw new Error("not FCM1");
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const start = 8 + length;
  const kinds = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array };
  const array = (told) => told && new kinds[told.type](buffer, start + told.offset, told.count);
  for (const body of header.bodies || []) {
    body.positions = array(body.positions);
    body.triangles = array(body.triangles);
    for (const key of Object.keys(body.values || {})) {
      const told = body.values[key];
      body.values[key] = Array.isArray(told) ? told.map(array) : array(told);
    }
  }
  for (const key of Object.keys(header.volume?.values || {})) header.volume.values[key] = array(header.volume.values[key]);
  return header;
}

// The same corners with fewer triangles: all corners in a box are drawn at the first one of it.
function thinned(positions, triangles, low, high) {
  const boxes = 56;
  const step = Math.max(high.x - low.x, high.y - low.y, high.z - low.z) / boxes || 1;
  const first = new Map();
  const stands = new Uint32Array(positions.length / 3);
  for (let i = 0; i < stands.length; i++) {
    const key = Math.floor((positions[3 * i] - low.x) / step) + 128 * (Math.floor((positions[3 * i + 1] - low.y) / step) + 128 * Math.floor((positions[3 * i + 2] - low.z) / step));
    if (!first.has(key)) first.set(key, i);
    stands[i] = first.get(key);
  }
  const kept = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const a = stands[triangles[t]], b = stands[triangles[t + 1]], c = stands[triangles[t + 2]];
    if (a !== b && b !== c && a !== c) kept.push(a, b, c);
  }
  return new Uint32Array(kept);
}

// Views of one group on a page share camera, cut and colour.
const groups = new Map();
let leading = false;
function members(name) {
  if (!groups.has(name)) groups.set(name, new Set());
  return groups.get(name);
}

export default {
  props: { source: String, fine: String, inside: String, group: String, title: String, language: String, height: Number, step: Number, words: Object },
  template: `
    <div class="fc-mesh">
      <div class="fc-mesh-stage" ref="stage" :style="{ height: height + 'px' }" tabindex="0" role="img" :aria-label="summary"
           @keydown="key" @pointermove="move" @pointerleave="probe = ''">
        <canvas ref="canvas" aria-hidden="true"></canvas>
        <div class="fc-mesh-legend" v-if="legend" aria-hidden="true">
          <span class="name">{{ legend.name }}</span>
          <span class="ticks"><span v-for="t in legend.ticks">{{ t }}</span></span>
          <span class="strip" :style="{ background: legend.strip }"></span>
        </div>
        <span class="fc-mesh-pin" v-for="p in pins" :style="{ left: p.x + 'px', top: p.y + 'px' }" :title="p.name" @click="flyTo(p.place)" aria-hidden="true">{{ p.number }}</span>
        <div class="fc-mesh-probe" v-if="probe" :style="{ left: probeAt[0] + 'px', top: probeAt[1] + 'px' }">{{ probe }}</div>
        <div v-if="!ready && !failed" class="fc-waiting" role="status" style="position: absolute; inset: 0"><span>{{ words.working }}</span></div>
        <p v-if="failed" class="fc-part-said failed" role="alert">× {{ failed }}</p>
      </div>
      <div class="fc-mesh-bar" v-if="ready">
        <label v-if="quantities.length">{{ words.quantity }}
          <select v-model="quantity" @change="colour"><option value="">{{ words.plainColour }}</option><option v-for="q in quantities" :value="q.key">{{ q.name }}</option></select></label>
        <label v-if="steps.length">{{ words.step }}
          <input type="range" min="0" :max="steps.length - 1" step="1" v-model.number="at" @input="colour" :aria-valuetext="stepName" />
          <output>{{ stepName }}</output></label>
        <button type="button" class="fc-tool" v-if="steps.length" @click="play">{{ playing ? words.pause : words.play }}</button>
        <label>{{ words.cut }}
          <select v-model="cut" @change="cutChanged"><option value="">{{ words.none }}</option><option v-for="a in ['x', 'y', 'z']" :value="a">{{ a }}</option></select></label>
        <label v-if="cut"><span class="fc-unseen">{{ words.place }}</span>
          <input type="range" min="0" max="1000" step="1" v-model.number="place" @input="cutNow" :aria-label="words.place" :aria-valuetext="placeName" /><output>{{ placeName }}</output></label>
        <label v-if="cut"><input type="checkbox" v-model="flipped" @change="cutNow" />{{ words.otherSide }}</label>
      </div>
      <div class="fc-mesh-bar" v-if="ready">
        <label v-if="marks.length"><input type="checkbox" v-model="pinned" @change="paint" />{{ words.marks }}</label>
        <label v-for="b in bodies" v-if="bodies.length > 1"><input type="checkbox" v-model="b.shown" @change="visibility" />{{ b.name }}</label>
      </div>
      <div class="fc-mesh-bar" v-if="ready">
        <span class="fc-soft">{{ told }}</span>
        <span class="fc-part-tools" style="margin-left: auto">
          <button type="button" class="fc-tool" v-for="v in ['slant', 'front', 'side', 'top']" @click="look(v)">{{ words[v] }}</button>
          <button type="button" class="fc-tool" @click="savePicture">{{ words.picture }}</button>
        </span>
      </div>
      <p class="fc-soft" v-if="ready && software">{{ words.software }}</p>
      <p class="fc-unseen" v-if="ready">{{ words.keys }}</p>
    </div>`,
  data: () => ({
    ready: false, failed: "", quantities: [], quantity: "", steps: [], at: 0, cut: "", place: 500, flipped: false, bodies: [], probe: "", probeAt: [0, 0],
    legend: null, told: "", software: false, playing: false, summary: "", placeName: "", marks: [], pins: [], pinned: true,
  }),
  computed: {
    stepName() {
      return this.steps.length ? `${F().number(this.steps[this.at].time_s)} s` : "";
    },
  },
  watch: {
    source() {
      this.load();
    },
  },
  async mounted() {
    this.summary = this.title;
    this.turn = 0;
    // What three.js holds stays out of Vue's sight, which would slow it down.
    this.g = Object.seal({ renderer: null, scene: null, camera: null, controls: null, sets: {}, lut: null, cap: null, volume: null, box: null, due: 0, ray: null, dragging: false, timer: null });
    try {
      this.start();
    } catch {
      this.failed = this.words.noGl;
      return;
    }
    this.sizeWatch = new ResizeObserver(() => this.resize());
    this.sizeWatch.observe(this.$refs.stage);
    this.themeWatch = F().onTheme(() => this.paint());
    if (this.group) members(this.group).add(this);
    await this.load();
  },
  beforeUnmount() {
    this.turn++; // what is still under way for this part has nowhere to be drawn
    clearInterval(this.g?.timer);
    cancelAnimationFrame(this.g?.due); // a picture that is still due would be drawn with what is taken down here
    if (this.group) members(this.group).delete(this);
    this.sizeWatch?.disconnect();
    this.themeWatch?.disconnect();
    this.forget();
    this.g?.controls?.dispose();
    this.g?.renderer?.dispose();
    this.g?.renderer?.forceContextLoss();
  },
  methods: {
    start() {
      const g = this.g;
      g.renderer = Vue.markRaw(new THREE.WebGLRenderer({ canvas: this.$refs.canvas, antialias: true, alpha: true, preserveDrawingBuffer: true }));
      g.renderer.setPixelRatio(Math.min(devicePixelRatio || 1, 2));
      const gl = g.renderer.getContext();
      const info = gl.getExtension("WEBGL_debug_renderer_info");
      this.renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
      this.software = /swiftshader|llvmpipe|software|basic render/i.test(this.renderer);
      g.scene = new THREE.Scene();
      g.camera = new THREE.PerspectiveCamera(32, 1, 0.001, 100);
      g.camera.up.set(0, 0, 1);
      g.controls = new OrbitControls(g.camera, this.$refs.canvas);
      g.controls.enableDamping = false;
      g.controls.enableZoom = true;
      g.controls.addEventListener("change", () => {
        this.paint();
        this.lead((other) => other.standAs(g.camera, g.controls.target));
      });
      g.controls.addEventListener("start", () => this.drag(true));
      g.controls.addEventListener("end", () => this.drag(false));
      g.ray = new THREE.Raycaster();
      g.lut = new THREE.DataTexture(new Uint8Array(256 * 4), 256, 1);
      g.lut.minFilter = g.lut.magFilter = THREE.LinearFilter;
      g.lut.colorSpace = THREE.NoColorSpace;
    },
    // What the server still works out is asked for again, as long as it is wanted; nothing when it is not.
    async buffer(address) {
      const mine = this.turn;
      for (;;) {
        const answer = await fetch(address);
        if (mine !== this.turn) return null;
        if (answer.status === 202) {
          await new Promise((go) => setTimeout(go, 700));
          if (mine !== this.turn) return null;
          continue;
        }
        if (!answer.ok) {
          const told = await answer.json().catch(() => null);
          throw Object.assign(new Error(String(answer.status)), { told: told?.error });
        }
        const content = await answer.arrayBuffer();
        return mine === this.turn ? read(content) : null;
      }
    },
    async load() {
      const g = this.g;
      this.ready = false;
      this.failed = "";
      const mine = ++this.turn;
      this.forget();
      try {
        const quick = await this.buffer(this.source);
        if (!quick) return;
        const say = (words) => F().said(words, this.language);
        this.quantities = quick.quantities.map((q) => ({ ...q, name: say(q.title) }));
        this.bodies = quick.bodies.map((b) => ({ key: b.key, name: say(b.name), kind: b.kind, shown: !HIDDEN.has(b.kind) }));
        this.marks = (quick.marks || []).map((m) => ({ ...m, label: say(m.name) }));
        g.volume = quick.volume || null;
        g.sets.quick = this.built(quick.bodies);
        this.bound();
        this.quantity = this.quantities[0]?.key ?? "";
        this.ready = true;
        this.colour();
        this.visibility();
        this.look("slant");
        this.describe();
        await this.$nextTick();
        if (mine !== this.turn) return;
        this.resize();
        this.$el.dataset.drawn = "yes";
        if (this.fine) {
          const fine = await this.buffer(this.fine);
          if (!fine) return;
          g.sets.fine = this.built(fine.bodies);
          this.colour();
          this.visibility();
        }
      } catch (error) {
        if (mine !== this.turn) return;
        this.failed = F().why(error, this.words, this.language);
      }
    },
    built(bodies) {
      const g = this.g;
      return bodies.map((body) => {
        const geometry = new THREE.BufferGeometry();
        geometry.setAttribute("position", new THREE.BufferAttribute(body.positions, 3));
        geometry.setIndex(new THREE.BufferAttribute(body.triangles, 1));
        geometry.computeVertexNormals();
        geometry.setAttribute("share", new THREE.BufferAttribute(new Float32Array(body.positions.length / 3).fill(MISSING), 1));
        geometry.computeBoundingBox();
        const hollow = body.kind === "cavity" || body.kind === "porous";
        const material = new THREE.ShaderMaterial({
          glslVersion: THREE.GLSL3, vertexShader: VERTEX, fragmentShader: FRAGMENT, side: THREE.DoubleSide, transparent: false,
          uniforms: {
            lut: { value: g.lut }, tone: { value: new THREE.Color(TONES[body.kind] || TONES.casting).convertLinearToSRGB() },
            plane: { value: new THREE.Vector4() }, cut: { value: false }, flat_: { value: body.triangles.length < 6000 },
          },
        });
        const mesh = new THREE.Mesh(geometry, material);
        mesh.frustumCulled = false;
        g.scene.add(mesh);
        const made = { body, geometry, mesh, hollow, whole: body.triangles, thin: null };
        if (body.triangles.length / 3 > QUICK) {
          const box = geometry.boundingBox;
          made.thin = thinned(body.positions, body.triangles, box.min, box.max);
        }
        return made;
      });
    },
    forget() {
      for (const set of Object.values(this.g?.sets || {})) for (const one of set) {
        this.g.scene.remove(one.mesh);
        one.geometry.dispose();
        one.mesh.material.dispose();
      }
      if (this.g) this.g.sets = {};
      if (this.g?.cap) {
        this.g.scene.remove(this.g.cap);
        this.g.cap.material.uniforms.inside.value?.dispose();
        this.g.cap.geometry.dispose();
        this.g.cap.material.dispose();
        this.g.cap = null;
      }
    },
    bound() {
      const box = new THREE.Box3();
      for (const one of this.g.sets.quick) if (!HIDDEN.has(one.body.kind)) box.union(one.geometry.boundingBox);
      if (box.isEmpty()) box.setFromCenterAndSize(new THREE.Vector3(), new THREE.Vector3(1, 1, 1));
      this.g.box = box;
    },
    current() {
      return this.quantities.find((q) => q.key === this.quantity);
    },
    colour() {
      const q = this.current();
      const g = this.g;
      this.steps = q?.steps || [];
      if (this.steps.length && (this.at >= this.steps.length || this.seen !== q.key)) this.at = this.step < 0 ? this.steps.length - 1 : Math.min(this.step, this.steps.length - 1);
      this.seen = q?.key;
      for (const set of Object.values(g.sets)) for (const one of set) {
        const told = q && !one.hollow ? one.body.values?.[q.key] : null;
        const values = Array.isArray(told) ? told[this.at] : told;
        const share = one.geometry.attributes.share;
        if (!values) share.array.fill(MISSING);
        else {
          const span = q.high - q.low || 1;
          for (let i = 0; i < values.length; i++) share.array[i] = Number.isNaN(values[i]) ? MISSING : Math.min(1, Math.max(0, (values[i] - q.low) / span));
        }
        share.needsUpdate = true;
        one.values = values;
      }
      if (q) {
        const stops = (PALETTES[q.palette] || PALETTES.time).map((c) => new THREE.Color(c).convertLinearToSRGB());
        for (let i = 0; i < 256; i++) {
          const at = (i / 255) * (stops.length - 1), k = Math.min(stops.length - 2, Math.floor(at));
          const c = stops[k].clone().lerp(stops[k + 1], at - k);
          g.lut.image.data.set([255 * c.r, 255 * c.g, 255 * c.b, 255], 4 * i);
        }
        g.lut.needsUpdate = true;
        const ticks = [0, 0.25, 0.5, 0.75, 1].map((t) => F().number(q.high - t * (q.high - q.low)));
        this.legend = { name: `${q.name}${q.unit ? ` [${q.unit.replace("degC", "°C")}]` : ""}`, ticks, strip: `linear-gradient(to top, ${(PALETTES[q.palette] || PALETTES.time).join(",")})` };
      } else this.legend = null;
      this.capNow();
      this.visibility();
      this.describe();
      this.lead((other) => other.colourAs(this.quantity));
    },
    visibility() {
      const g = this.g;
      const stepping = this.steps.length > 0;
      const fine = g.sets.fine && !g.dragging && !stepping ? "fine" : "quick";
      let triangles = 0;
      for (const [name, set] of Object.entries(g.sets)) for (const one of set) {
        const shown = this.bodies.find((b) => b.key === one.body.key)?.shown !== false;
        one.mesh.visible = shown && name === fine;
        const wanted = g.dragging && one.thin ? one.thin : one.whole;
        if (one.geometry.index.array !== wanted) one.geometry.setIndex(new THREE.BufferAttribute(wanted, 1));
        if (one.mesh.visible) triangles += one.whole.length / 3;
      }
      const renderer = (/\(([^,]+, )?(?:Vulkan [\d.]+ \()?([^,()]+)/.exec(this.renderer)?.[2] || this.renderer).slice(0, 60);
      this.told = F().filled(this.words.triangles, { n: triangles.toLocaleString("en-US"), renderer });
      this.paint();
    },
    drag(begins) {
      this.g.dragging = begins;
      this.probe = "";
      this.visibility();
    },
    async cutChanged() {
      // What is cut away stands on the side of the eye, so that the cut is seen.
      const across = AXES.indexOf(this.cut);
      if (across >= 0) this.flipped = this.g.camera.position.getComponent(across) < this.g.controls.target.getComponent(across);
      if (this.cut && this.inside && !this.g.volume) {
        try {
          const solid = await this.buffer(this.inside);
          if (!solid) return;
          this.g.volume = solid.volume;
        } catch {
          this.g.volume = null; // the cut is hollow then, which is seen
        }
      }
      this.capNow();
      this.cutNow();
    },
    cutNow() {
      const g = this.g;
      const axis = AXES.indexOf(this.cut);
      const normal = [0, 0, 0];
      let at = 0;
      if (axis >= 0) {
        const low = g.box.min.getComponent(axis), high = g.box.max.getComponent(axis);
        at = low + (this.place / 1000) * (high - low);
        normal[axis] = this.flipped ? -1 : 1;
        this.placeName = `${F().number(1000 * at)} mm`;
      }
      for (const set of Object.values(g.sets)) for (const one of set) {
        const u = one.mesh.material.uniforms;
        u.cut.value = axis >= 0 && !one.hollow;
        u.plane.value.set(...normal, this.flipped ? -at : at);
      }
      if (g.cap) {
        g.cap.visible = axis >= 0 && g.cap.userData.key === this.quantity;
        if (axis >= 0) {
          const centre = g.box.getCenter(new THREE.Vector3());
          g.cap.position.copy(centre).setComponent(axis, at);
          g.cap.rotation.set(axis === 1 ? Math.PI / 2 : 0, axis === 0 ? Math.PI / 2 : 0, 0);
        }
      }
      this.paint();
      this.lead((other) => other.cutAs(this.cut, this.place, this.flipped));
    },
    // The cut face: a square in the plane of the cut that shows the inside where there is metal.
    capNow() {
      const g = this.g;
      const bytes = g.volume?.values?.[this.quantity];
      if (!this.cut || !bytes) {
        if (g.cap) g.cap.visible = false;
        return;
      }
      if (!g.cap) {
        const size = 2 * g.box.getSize(new THREE.Vector3()).length();
        g.cap = new THREE.Mesh(
          new THREE.PlaneGeometry(size, size),
          new THREE.ShaderMaterial({
            glslVersion: THREE.GLSL3, vertexShader: CAP_VERTEX, fragmentShader: CAP_FRAGMENT, side: THREE.DoubleSide,
            uniforms: { inside: { value: null }, lut: { value: g.lut }, low: { value: new THREE.Vector3(...g.volume.low_m) }, high: { value: new THREE.Vector3(...g.volume.high_m) } },
            polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -1,
          }),
        );
        g.scene.add(g.cap);
      }
      if (g.cap.userData.key !== this.quantity) {
        g.cap.material.uniforms.inside.value?.dispose();
        const texture = new THREE.Data3DTexture(bytes, ...g.volume.shape);
        texture.format = THREE.RedFormat;
        texture.type = THREE.UnsignedByteType;
        texture.minFilter = texture.magFilter = THREE.NearestFilter;
        texture.unpackAlignment = 1;
        texture.needsUpdate = true;
        g.cap.material.uniforms.inside.value = texture;
        g.cap.userData.key = this.quantity;
      }
      this.cutNow();
    },
    look(view) {
      const g = this.g;
      const centre = g.box.getCenter(new THREE.Vector3());
      const radius = g.box.getSize(new THREE.Vector3()).length() / 2 || 1;
      const from = { front: [0, -1, 0], side: [1, 0, 0], top: [0, -0.001, 1], slant: [0.53, -0.68, 0.51] }[view];
      const narrow = Math.min(1, g.camera.aspect || 1);
      const away = (0.92 * radius) / Math.sin((g.camera.fov * Math.PI) / 360) / narrow;
      g.camera.position.copy(centre).addScaledVector(new THREE.Vector3(...from).normalize(), away);
      g.camera.near = radius / 100;
      g.camera.far = away * 6;
      g.camera.updateProjectionMatrix();
      g.controls.target.copy(centre);
      g.controls.update();
      this.paint();
    },
    resize() {
      const { clientWidth: w, clientHeight: h } = this.$refs.stage;
      if (!w || !h) return;
      this.g.renderer.setSize(w, h, false);
      this.g.camera.aspect = w / h;
      this.g.camera.updateProjectionMatrix();
      this.paint();
    },
    // Drawn only when something has changed, and once at most for each picture the screen shows.
    paint() {
      if (!this.g || this.g.due || !this.ready) return;
      this.g.due = requestAnimationFrame(() => {
        this.g.due = 0;
        this.g.renderer.render(this.g.scene, this.g.camera);
        this.pin();
        this.$el.dataset.frames = String(Number(this.$el?.dataset.frames || 0) + 1);
      });
    },
    // The numbers of marks where they are seen now; they lie over the picture and take no part in it.
    pin() {
      const { clientWidth: w, clientHeight: h } = this.$refs.stage || {};
      if (!w || !this.pinned || !this.marks.length) {
        if (this.pins.length) this.pins = [];
        return;
      }
      this.pins = this.marks
        .map((m) => ({ m, at: new THREE.Vector3(...m.place_m).project(this.g.camera) }))
        .filter(({ at }) => Math.abs(at.x) < 1 && Math.abs(at.y) < 1 && at.z < 1)
        .map(({ m, at }) => ({ number: m.number, name: m.label, place: m.place_m, x: ((at.x + 1) / 2) * w, y: ((1 - at.y) / 2) * h }));
    },
    // Look at a place from where one stands, from so far away [m]; called from the page, too.
    flyTo(place, distance) {
      const g = this.g;
      if (!g?.box) return;
      const size = g.box.getSize(new THREE.Vector3()).length();
      const from = g.camera.position.clone().sub(g.controls.target).normalize();
      const target = new THREE.Vector3(...place);
      g.controls.target.copy(target);
      g.camera.position.copy(target).addScaledVector(from, Math.min(Math.max(distance || 0, 0.8 * size), 2 * size));
      g.controls.update();
      this.paint();
    },
    // What is done to one of a group is done to the others; what the others do then is not passed on.
    lead(what) {
      if (!this.group || leading) return;
      leading = true;
      try {
        for (const other of members(this.group)) if (other !== this && other.ready) what(other);
      } finally {
        leading = false;
      }
    },
    standAs(camera, target) {
      const g = this.g;
      g.camera.position.copy(camera.position);
      g.controls.target.copy(target);
      g.controls.update();
      this.paint();
    },
    cutAs(cut, place, flipped) {
      Object.assign(this, { place, flipped });
      if (this.cut !== cut) {
        this.cut = cut;
        this.cutChanged();
      } else this.cutNow();
    },
    colourAs(quantity) {
      if (this.quantity === quantity || (quantity && !this.quantities.some((q) => q.key === quantity))) return;
      this.quantity = quantity;
      this.colour();
    },
    key(event) {
      const g = this.g;
      const turn = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.12], ArrowDown: [0, 0.12] }[event.key];
      const offset = g.camera.position.clone().sub(g.controls.target);
      if (turn) {
        const round = new THREE.Spherical().setFromVector3(new THREE.Vector3(offset.x, offset.z, -offset.y));
        round.theta += turn[0];
        round.phi += turn[1];
        round.makeSafe();
        const to = new THREE.Vector3().setFromSpherical(round);
        offset.set(to.x, -to.z, to.y);
      } else if (event.key === "+" || event.key === "=") offset.multiplyScalar(0.87);
      else if (event.key === "-") offset.multiplyScalar(1.15);
      else if (event.key === "Home") {
        event.preventDefault();
        this.look("slant");
        return;
      } else return;
      event.preventDefault();
      g.camera.position.copy(g.controls.target).add(offset);
      g.controls.update();
      this.paint();
    },
    move(event) {
      if (this.g.dragging || event.buttons || this.looking || !this.ready) return;
      this.looking = true;
      const box = this.$refs.stage.getBoundingClientRect();
      const at = [event.clientX - box.left, event.clientY - box.top];
      setTimeout(() => {
        this.looking = false;
        this.ask(at, box);
      }, 80);
    },
    ask(at, box) {
      const g = this.g;
      const q = this.current();
      if (!q) return;
      g.ray.setFromCamera(new THREE.Vector2((2 * at[0]) / box.width - 1, 1 - (2 * at[1]) / box.height), g.camera);
      const meshes = Object.values(g.sets).flat().filter((one) => one.mesh.visible && one.values);
      const axis = AXES.indexOf(this.cut);
      const sign = this.flipped ? -1 : 1;
      let best = null;
      for (const one of meshes) for (const hit of g.ray.intersectObject(one.mesh, false)) {
        const u = one.mesh.material.uniforms;
        if (axis >= 0 && sign * hit.point.getComponent(axis) > u.plane.value.w) continue;
        if (!best || hit.distance < best.distance) best = { distance: hit.distance, face: hit.face, point: hit.point, one };
        break;
      }
      if (!best) {
        this.probe = "";
        return;
      }
      const corners = [best.face.a, best.face.b, best.face.c];
      const p = best.one.geometry.attributes.position;
      const nearest = corners.reduce((a, b) => (best.point.distanceToSquared(new THREE.Vector3().fromBufferAttribute(p, a)) <= best.point.distanceToSquared(new THREE.Vector3().fromBufferAttribute(p, b)) ? a : b));
      const value = best.one.values[nearest];
      this.probe = Number.isNaN(value) ? "—" : `${F().number(value)} ${q.unit.replace("degC", "°C")}`;
      this.probeAt = at;
    },
    play() {
      const g = this.g;
      this.playing = !this.playing;
      clearInterval(g.timer);
      if (this.playing) g.timer = setInterval(() => {
        this.at = (this.at + 1) % this.steps.length;
        this.colour();
      }, 350);
    },
    describe() {
      const size = this.g.box ? this.g.box.getSize(new THREE.Vector3()).toArray().map((v) => Math.round(1000 * v)).join(" × ") + " mm" : "";
      const q = this.current();
      const parts = [F().filled(this.words.summary, { name: this.title, size, bodies: this.bodies.map((b) => b.name).join(", ") })];
      if (q) parts.push(F().filled(this.words.range, { name: q.name, least: F().number(q.low), most: F().number(q.high), unit: q.unit.replace("degC", "°C") }));
      this.summary = parts.join(". ");
    },
    savePicture() {
      this.g.renderer.render(this.g.scene, this.g.camera);
      const link = document.createElement("a");
      link.href = this.$refs.canvas.toDataURL("image/png");
      link.download = `${this.title}.png`;
      link.click();
    },
  },
};

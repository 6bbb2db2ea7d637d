// What is looked at. It stands in the address, so that Back works and a link shows the same thing.
import { computed, effect, signal } from "@preact/signals";
import type { Home, Phase, Run } from "./model";
import type { Source } from "./source";

export type Screen = "photos" | "check" | "train" | "inside" | "results" | "use";

export interface Place {
  screen: Screen; run: string; at: number | null; example: number; phase: Phase; depth: 1 | 2 | 3;
  layer: string; call: number; neuron: number | null; weight: string; spot: string;
}

const START: Place = {
  screen: "train", run: "", at: null, example: 0, phase: "forward", depth: 1, layer: "", call: 0, neuron: null,
  weight: "", spot: "",
};

export const place = signal<Place>(START);
export const run = signal<Run | null>(null);
export const home = signal<Home>({ runs: [], can_train: false, photos: null, script: null });
export const trouble = signal("");
export let source: Source;

/** The step that is looked at: the one that was chosen, or the newest. */
export const at = computed(() => place.value.at ?? run.value?.looks.at(-1)?.step ?? null);

export function go(change: Partial<Place>, replace = false): void {
  place.value = { ...place.value, ...change };
  if (source.kind !== "server") return;
  const hash = write(place.value);
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, "", hash); else history.pushState(null, "", hash);
}

function write(now: Place): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(now)) {
    if (name !== "screen" && value !== null && value !== START[name as keyof Place]) words.set(name, String(value));
  }
  return `#/${now.screen}${words.size ? `?${words}` : ""}`;
}

function read(hash: string): Partial<Place> {
  const [screen = "", rest = ""] = hash.replace(/^#\/?/, "").split("?");
  const words = new URLSearchParams(rest);
  const number = (name: string): number | null => (/^\d+$/.test(words.get(name) ?? "") ? Number(words.get(name)) : null);
  const depth = number("depth");
  return {
    ...START,
    screen: (["photos", "check", "train", "inside", "results", "use"] as const).find((one) => one === screen) ?? "train",
    run: words.get("run") ?? "", at: number("at"), example: number("example") ?? 0,
    phase: (["forward", "loss", "backward", "update"] as const).find((one) => one === words.get("phase")) ?? "forward",
    depth: depth === 2 || depth === 3 ? depth : 1,
    layer: words.get("layer") ?? "", call: number("call") ?? 0, neuron: number("neuron"),
    weight: words.get("weight") ?? "", spot: words.get("spot") ?? "",
  };
}

/** Begin to follow what `from` tells. */
export function begin(from: Source): () => void {
  source = from;
  if (from.kind === "server") {
    if (location.hash) place.value = { ...START, ...read(location.hash) };
    addEventListener("popstate", () => { place.value = { ...START, ...read(location.hash) }; });
  }
  void refresh().then(() => {
    if (from.kind === "server" && !location.hash) {
      if (home.value.can_train && !home.value.runs.length) go({ screen: "photos" }, true);
    }
  });
  const timer = from.kind === "server" ? setInterval(() => { if (!document.hidden) void refresh(); }, 2000) : undefined;
  const wanted = computed(() => place.value.run || home.value.runs[0] || "");
  let stop = () => {};
  const end = effect(() => {
    const name = wanted.value;
    stop();
    stop = name ? from.follow(name, (state) => {
      if (state.error) trouble.value = state.error; else { trouble.value = ""; run.value = state; }
    }) : () => {};
  });
  return () => { end(); stop(); clearInterval(timer); };
}

export async function refresh(): Promise<void> {
  try {
    const found = await source.home();
    if (JSON.stringify(found) !== JSON.stringify(home.value)) {
      if (found.trouble && found.trouble !== home.value.trouble) trouble.value = found.trouble;
      home.value = found;
    }
    if (trouble.value === GONE) trouble.value = "";
  } catch {
    trouble.value = GONE;
  }
}

const GONE = "Pippin doesn't answer any more. Was it ended in the terminal? What you see here stays as it is.";

/** A question about the run that is looked at. */
export function ask<T>(question: string): Promise<T> {
  return source.ask<T>(run.value?.name ?? place.value.run, question);
}

export function question(word: string, settings: Record<string, string | number | null | undefined>): string {
  const words = new URLSearchParams();
  for (const name of Object.keys(settings).sort()) {
    const value = settings[name];
    if (value !== null && value !== undefined && value !== "") words.set(name, String(value));
  }
  return `${word}?${words.toString()}`;
}

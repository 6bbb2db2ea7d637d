// What Python answers. The names are those of studio/*.py; nothing is computed here.

export type State = "waiting" | "running" | "ended" | "stopped";
export type Phase = "forward" | "loss" | "backward" | "update";
export const PHASES: readonly Phase[] = ["forward", "loss", "backward", "update"];

export interface Same { command: string; python: string }

export interface Finding {
  code?: string; message?: string; where?: string; because?: string; cause?: string; fix?: unknown; evidence?: unknown;
}

export interface Result {
  part: string; right: number; of: number; accuracy: number; low: number; high: number; balanced_accuracy: number;
  baseline: { label: string; accuracy: number }; classes: string[]; confusion: number[][];
  mistakes: { photo: string; label: string; said: string; probability: number; picture?: string }[];
  kept_epoch: number; epochs: number; seconds: number; interrupted: boolean;
}

export interface Look { step: number; epoch: number | null; loss: number | null }

export interface Run {
  error?: string;
  name: string; path: string; state: State; says: string; score: string[];
  model: {
    name: string; optimizer: string; epochs: number | null; steps: number | null; examples: number;
    layers: { name: string; kind: string; input: number[]; output: number[]; weights: string[] }[];
  } | null;
  curves: { epoch: number[] } & Record<string, (number | null)[]>;
  progress: { epoch: number; step: number; figures: Record<string, number> } | null;
  data: { classes: string[]; learn: number[]; validation: number[]; test: number[] | null; skipped: number } | null;
  result: Result | null;
  findings: Finding[];
  looks: Look[];
  cost: number | null;
  same: Record<string, Same>;
}

export interface Shown { picture?: string; numbers?: (number | null)[]; shape?: number[] }

export interface Guess {
  answer: string; said: string | null; truth: string | null; probability: number | null; right: boolean | null;
  loss: string | null; chances: number[] | null; classes: string[] | null; says: string;
}

export interface Now { step: number | null; shows: Shown[]; guesses: Guess[] }

export interface Layer {
  name: string; call: number; kind: string; units: number; shape: number[]; has_neurons: boolean;
  indexes: number[] | null;
  values: Record<"forward" | "backward" | "update", number[] | null>;
  scales: Record<"forward" | "backward" | "update", number | null>;
  standing_out: number[];
  edges: [number, number, number][] | null;
  weights: { short: string; name: string; shape: number[] }[];
}

export interface Step {
  model: string; examples: number; example: number; loss: number; shows: Shown[]; guesses: Guess[]; layers: Layer[];
  weights: { name: string; shape: number[]; learns: boolean }[];
  told: Told;
}

export interface Equation { name: string; formula: string; numbers: string; result: number | boolean }
export interface Line { number: number; line: string; layer: string; phase: string; math: string; says: string }
export interface Part { heading: string; sentences: string[]; table: string[][]; equations: Equation[]; lines: Line[] }
export interface Map { unit: number; rows: number; columns: number; scale: number; values: number[] }
export interface Product { from: number[]; number: string; weight: string; product: number; at: number[] }

export interface Told {
  place: "step" | "layer" | "neuron" | "weight"; title: string; parts: Part[];
  maps?: Map[]; products?: Product[]; others?: number; kernel?: string | null;
  name?: string; at?: number[]; shape?: number[]; pushes?: number[]; was?: number; becomes?: number;
}

export interface Trail { steps: number[]; values: number[] }
export interface Check { agrees: boolean; says: string; analytic: number; numeric: number }

export interface Home {
  runs: string[]; can_train: boolean; photos: string | null; script: { is_running: boolean } | null;
  is_training?: boolean; trouble?: string;
}

export interface PhotoClass { name: string; count: number; says: string; photos: string[] }
export interface PhotoView { folder: string; classes: PhotoClass[]; left_out: number; says: string; is_empty: boolean }
export interface CheckCard { code: string; title: string; says: string; groups: string[][]; lines: string[] }
export interface Checked { cards: CheckCard[]; says: string; is_ready: boolean }
export interface Judged {
  classes: string[]; says: string; photos: { photo: string; label: number; said: number; probability: number }[];
}
export interface Seen {
  classes: string[]; chances: number[]; said: number; sees: string; is_sure: boolean; says: string[];
  nearest: { photo: string; label: string }[];
}
export interface Why {
  label: string; sees: string; cells: number[][]; twin: number[][]; likeness: number; depends: boolean;
  told: { title: string; parts: { heading: string; sentences: string[] }[] };
}

// Where answers come from: a server, answers that were written into an HTML report, or a notebook's kernel.
import type { Home, Run } from "./model";

export type Stop = () => void;

export interface Source {
  readonly kind: "server" | "report" | "notebook";
  ask<T>(run: string, question: string): Promise<T>;
  follow(run: string, on: (state: Run) => void): Stop;
  home(): Promise<Home>;
}

export class Refused extends Error {}

async function answer<T>(response: Response): Promise<T> {
  const found = await response.json();
  if (!response.ok) throw new Refused(found?.error ?? `The server answered ${response.status}.`);
  return found as T;
}

export class Server implements Source {
  readonly kind = "server";

  async ask<T>(run: string, question: string): Promise<T> {
    return answer<T>(await fetch(`/api/run/${encodeURIComponent(run)}/${question}`));
  }

  follow(run: string, on: (state: Run) => void): Stop {
    let stream: EventSource | null = null;
    const open = () => {
      stream = new EventSource(`/api/run/${encodeURIComponent(run)}/events`);
      stream.onmessage = (message) => on(JSON.parse(message.data) as Run);
    };
    // A page that nobody sees asks for nothing.
    const seen = () => {
      if (document.hidden) { stream?.close(); stream = null; } else if (!stream) open();
    };
    document.addEventListener("visibilitychange", seen);
    open();
    return () => { stream?.close(); document.removeEventListener("visibilitychange", seen); };
  }

  async home(): Promise<Home> { return answer<Home>(await fetch("/api/home")); }

  async post<T>(path: string, body: BodyInit | null = null, method = "POST"): Promise<T> {
    return answer<T>(await fetch(path, { method, body }));
  }

  async get<T>(path: string): Promise<T> { return answer<T>(await fetch(path)); }
}

/** Answers that Python wrote into the page, by their questions. */
export class Report implements Source {
  readonly kind = "report";
  constructor(private readonly answers: Record<string, unknown>) {}

  async ask<T>(_run: string, question: string): Promise<T> {
    const found = this.answers[question] ?? this.answers[simpler(question)];
    if (found === undefined) {
      throw new Refused("This is not in the report. `pippin watch` opens the whole run.");
    }
    return found as T;
  }

  follow(_run: string, on: (state: Run) => void): Stop {
    on(this.answers["run"] as Run);
    return () => undefined;
  }

  async home(): Promise<Home> {
    return { runs: [(this.answers["run"] as Run).name], can_train: false, photos: null, script: null };
  }
}

/** The question without what a report doesn't vary. */
function simpler(question: string): string {
  const [word = "", rest = ""] = question.split("?");
  const settings = new URLSearchParams(rest);
  settings.delete("phase");
  return `${word}?${settings.toString()}`;
}

export interface Kernel {
  send(message: unknown): void;
  on(event: string, listener: (message: any) => void): void;
  off(event: string, listener: (message: any) => void): void;
}

/** A notebook: questions are sent to the kernel, answers come back by number. */
export class Notebook implements Source {
  readonly kind = "notebook";
  private next = 0;
  // While a cell runs the kernel answers nothing; what it tells by itself is enough to go along.
  private now: unknown = null;
  private readonly waiting = new Map<number, { done: (value: any) => void; failed: (reason: Error) => void }>();
  private readonly listeners = new Set<(state: Run) => void>();

  constructor(private readonly kernel: Kernel, private readonly name: string) {
    kernel.on("msg:custom", (message) => {
      if (message.now) this.now = message.now;
      if (message.run) this.listeners.forEach((on) => on(message.run));
      const asked = this.waiting.get(message.number);
      if (!asked) return;
      this.waiting.delete(message.number);
      if (message.error) asked.failed(new Refused(message.error)); else asked.done(message.answer);
    });
  }

  ask<T>(_run: string, question: string): Promise<T> {
    if (question === "now?" && this.now) return Promise.resolve(this.now as T);
    const number = this.next++;
    return new Promise<T>((done, failed) => {
      this.waiting.set(number, { done, failed });
      this.kernel.send({ number, question });
    });
  }

  follow(run: string, on: (state: Run) => void): Stop {
    this.listeners.add(on);
    void this.ask<Run>(run, "run").then(on, () => undefined);
    return () => this.listeners.delete(on);
  }

  async home(): Promise<Home> { return { runs: [this.name], can_train: false, photos: null, script: null }; }
}

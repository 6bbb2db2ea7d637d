// The page begins here: on a server's page and in a report by itself, in a notebook when the widget is drawn.
import { render } from "preact";
import { App } from "./app";
import "./style/page.css";
import "./style/inside.css";
import "./style/photos.css";
import { Notebook, Report, Server, type Kernel } from "./source";
import { begin } from "./state";

const here = document.getElementById("pippin");
if (here) {
  const kept = document.getElementById("pippin-answers");
  // What a report says without a script stays until its answers are unpacked.
  void (kept ? unpacked(kept.textContent ?? "").then((answers) => new Report(answers)) : Promise.resolve(new Server())).then((source) => {
    begin(source);
    here.replaceChildren();
    render(<App />, here);
  });
}

async function unpacked(text: string): Promise<Record<string, unknown>> {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

interface Widget extends Kernel { get(name: string): string }

export default {
  render({ model, el }: { model: Widget; el: HTMLElement }): () => void {
    // The notebook's own style sheets stay outside, ours inside.
    const root = el.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = model.get("_style");
    const place = document.createElement("div");
    place.className = "notebook";
    root.append(style, place);
    const end = begin(new Notebook(model, model.get("name")));
    render(<App />, place);
    return () => { end(); render(null, place); };
  },
};

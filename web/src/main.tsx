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
  begin(kept ? new Report(JSON.parse(kept.textContent ?? "{}")) : new Server());
  here.replaceChildren();
  render(<App />, here);
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

// What filters make of a picture: a small map for each.
import { useEffect, useRef } from "preact/hooks";
import type { Map } from "../model";
import { go } from "../state";
import { colour, figure, isDark } from "./colour";

export function Maps({ maps }: { maps: Map[] }) {
  return (
    <section aria-label="Maps of filters">
      <h3>What its filters see</h3>
      <div class="maps">{maps.map((map) => <One key={map.unit} map={map} />)}</div>
      <p class="soft">The ones that stand out. Choose one to see what it looks at.</p>
    </section>
  );
}

function One({ map }: { map: Map }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark.value;
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    map.values.forEach((value, place) => {
      pen.fillStyle = colour(value, 127);
      pen.fillRect(place % map.columns, Math.floor(place / map.columns), 1, 1);
    });
  }, [map, dark]);
  return (
    <button class="map" onClick={() => go({ neuron: map.unit })} aria-label={`Filter ${map.unit} ±${figure(map.scale)}`}>
      <canvas ref={canvas} width={map.columns} height={map.rows} aria-hidden="true" />
      <small>{map.unit} <span class="soft">±{figure(map.scale)}</span></small>
    </button>
  );
}

// Begin learning from photos, and end it early.
import { useState } from "preact/hooks";
import { Card } from "../app";
import { Server } from "../source";
import { go, home, refresh, run, source, trouble } from "../state";

const TIMES: [string, string][] = [["", "As long as it needs"], ["30", "30 seconds"], ["120", "2 minutes"], ["600", "10 minutes"]];

export function Start() {
  const [time, setTime] = useState("");
  const [size, setSize] = useState("");
  const [epochs, setEpochs] = useState("");
  const [augment, setAugment] = useState(true);
  const [isStarting, setStarting] = useState(false);
  const busy = run.value?.state === "running";
  if (busy) return null;
  const begin = async () => {
    setStarting(true);
    try {
      const asked = { time, size, epochs, augment };
      const found = await (source as Server).post<{ run: string }>("/api/train", JSON.stringify(asked));
      trouble.value = "";
      await refresh();
      go({ run: found.run, at: null });
    } catch (error) {
      trouble.value = (error as Error).message;
    }
    setStarting(false);
  };
  return (
    <Card>
      <div class="start">
        <button class="main" disabled={isStarting} onClick={begin}>{isStarting ? "Beginning…" : run.value ? "Train again" : "Train"}</button>
        <label>Time
          <select value={time} onChange={(event) => setTime(event.currentTarget.value)}>
            {TIMES.map(([seconds, words]) => <option key={seconds} value={seconds}>{words}</option>)}
          </select>
        </label>
        <details>
          <summary>Settings</summary>
          <label>Picture size
            <select value={size} onChange={(event) => setSize(event.currentTarget.value)}>
              <option value="">Fitting the photos (default)</option><option value="32">32 × 32, quick</option><option value="64">64 × 64</option><option value="96">96 × 96, slow</option>
            </select>
            <small>What the network sees of each photo. Larger shows more and takes longer.</small>
          </label>
          <label>Epochs
            <input type="number" min="1" max="1000" placeholder="from the number of photos (default)" value={epochs} onInput={(event) => setEpochs(event.currentTarget.value)} />
            <small>Passes over all photos. The best one is kept.</small>
          </label>
          <label class="check">
            <input type="checkbox" checked={augment} onChange={(event) => setAugment(event.currentTarget.checked)} />
            Show photos altered (default)
            <small>Turned, moved, in another light each time: few photos teach more.</small>
          </label>
        </details>
      </div>
      <p class="soft">From {home.value.photos}. It runs on this machine; nothing leaves it.</p>
    </Card>
  );
}

export function StopButton() {
  const [asked, setAsked] = useState(false);
  if (!home.value.can_train || source.kind !== "server") return null;
  return (
    <button disabled={asked} onClick={() => {
      setAsked(true);
      void (source as Server).post("/api/stop").catch((error: Error) => { trouble.value = error.message; setAsked(false); });
    }}>{asked ? "Stopping…" : "Stop and keep the best"}</button>
  );
}

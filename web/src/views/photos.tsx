// What it will learn from: folders dropped, a zip, files, or the webcam; a column for each class.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Card } from "../app";
import type { PhotoClass, PhotoView } from "../model";
import type { Server } from "../source";
import { go, source, trouble } from "../state";
import { Camera } from "./camera";
import { dropped, type Given } from "./files";

export const photos = signal<PhotoView | null>(null);
const doing = signal("");

export const server = (): Server => source as Server;

export async function reload(): Promise<void> {
  try {
    photos.value = await server().get<PhotoView>("/api/photos");
  } catch (error) {
    trouble.value = (error as Error).message;
  }
}

async function act(path: string, body: unknown): Promise<void> {
  try {
    await server().post(path, JSON.stringify(body));
    trouble.value = "";
  } catch (error) {
    trouble.value = (error as Error).message;
  }
  await reload();
}

/** Send files one after the other, and say what could not be taken. */
export async function add(given: Given[], label: string): Promise<void> {
  const refused: string[] = [];
  let done = 0;
  for (const { file, folder } of given) {
    doing.value = `${++done} of ${given.length}`;
    try {
      if (/\.zip$/i.test(file.name)) {
        const found = await server().post<{ added: number; refused: string[] }>("/api/photos/zip", file);
        refused.push(...found.refused);
      } else {
        const words = new URLSearchParams({ class: label || folder || "photos", name: file.name });
        await server().post(`/api/photos/photo?${words}`, file);
      }
    } catch (error) {
      refused.push((error as Error).message);
    }
    if (done % 20 === 0) await reload();
  }
  doing.value = "";
  trouble.value = refused.length ? `${refused.length} not added. ${refused.slice(0, 3).join(" ")}` : "";
  await reload();
}

export function Photos() {
  useEffect(() => { void reload(); }, []);
  const view = photos.value;
  const [name, setName] = useState("");
  if (!view) return <h1>Photos</h1>;
  const make = (event: Event) => {
    event.preventDefault();
    if (name.trim()) void act("/api/photos/class", { class: name });
    setName("");
  };
  return (
    <>
      <h1>Photos</h1>
      <p class="lead">{view.says}</p>
      <Drop label="">
        <b>Drop folders here</b>, one for each thing to tell apart, or a zip of them.
        {view.is_empty && <> Or <button onClick={() => { doing.value = "drawing"; void act("/api/photos/fruit", {}).finally(() => { doing.value = ""; }); }}>Try with apples</button></>}
      </Drop>
      {doing.value && <p role="status" class="soft">Working: {doing.value} …</p>}
      <div class="classes">
        {view.classes.map((one) => <Column key={one.name} of={one} />)}
        <form class="card new-class" onSubmit={make}>
          <label>New class<input type="text" value={name} placeholder="apple" onInput={(event) => setName(event.currentTarget.value)} /></label>
          <button>Add</button>
        </form>
      </div>
      {view.left_out > 0 && <p class="soft">{view.left_out} left out; they lie in {view.folder}/.left-out.</p>}
      {view.classes.length > 1 && <button class="main" onClick={() => go({ screen: "check" })}>Check them</button>}
    </>
  );
}

function Column({ of }: { of: PhotoClass }) {
  const [camera, setCamera] = useState(false);
  const rename = () => {
    const wanted = prompt(`Another name for "${of.name}". The name of another class makes the two one.`, of.name);
    if (wanted && wanted !== of.name) void act("/api/photos/rename", { class: of.name, name: wanted });
  };
  return (
    <Card class="class" title={of.name} aside={<span class="count">{of.count}</span>}>
      <p class="soft">{of.says}</p>
      <div class="actions">
        <Pick label={of.name} />
        <button onClick={() => setCamera(!camera)} aria-expanded={camera}>Webcam</button>
        <button class="quiet" onClick={rename}>Rename</button>
      </div>
      {camera && <Camera label={of.name} />}
      <Drop label={of.name}>
        <ul class="thumbs">
          {of.photos.map((photo) => (
            <li key={photo}>
              <img src={lookOf(photo)} alt={photo.split("/").at(-1)} loading="lazy" width="72" height="72" />
              <button class="out" aria-label={`Leave out ${photo}`} title="Leave out" onClick={() => void act("/api/photos/leave-out", { photo })}>×</button>
            </li>
          ))}
        </ul>
        {of.count > of.photos.length && <p class="soft">and {of.count - of.photos.length} more</p>}
        {!of.count && <p class="soft">Drop photos here.</p>}
      </Drop>
    </Card>
  );
}

export const lookOf = (photo: string): string => `/api/photos/look?${new URLSearchParams({ photo })}`;

function Pick({ label }: { label: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button onClick={() => input.current?.click()}>Add files</button>
      <input ref={input} type="file" accept="image/*,.zip" multiple hidden aria-label={`Photos for ${label}`}
        onChange={(event) => { void add([...(event.currentTarget.files ?? [])].map((file) => ({ file, folder: "" })), label); event.currentTarget.value = ""; }} />
    </>
  );
}

function Drop({ label, children }: { label: string; children: preact.ComponentChildren }) {
  const [over, setOver] = useState(false);
  return (
    <div class={`drop ${over ? "over" : ""} ${label ? "inner" : ""}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        if (event.dataTransfer) void dropped(event.dataTransfer).then((given) => add(given, label));
      }}>
      {children}
    </div>
  );
}

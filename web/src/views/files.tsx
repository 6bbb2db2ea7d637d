// What was dropped: files, and the files in folders, each with the name of the folder that it lies in.

export interface Given { file: File; folder: string }

export async function dropped(data: DataTransfer): Promise<Given[]> {
  // Entries must be asked for at once: after the first wait the list is empty.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...data.files];
  const found: Given[] = [];
  for (const [place, entry] of entries.entries()) {
    if (entry) await walk(entry, "", found);
    else if (files[place]) found.push({ file: files[place], folder: "" });
  }
  return found;
}

async function walk(entry: FileSystemEntry, folder: string, found: Given[]): Promise<void> {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    found.push({ file: await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed)), folder });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    for (const one of some) await walk(one, entry.name, found);
  }
}

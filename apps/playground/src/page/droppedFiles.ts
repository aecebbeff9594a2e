import type { DroppedFile, DroppedFiles } from '../run/protocol';

/** The files of an input for folders. */
export function filesOf(input: HTMLInputElement): DroppedFiles {
  const files = Array.from(input.files ?? [], (file) => ({ path: file.webkitRelativePath || file.name, file }));
  return { files, unopened: [] };
}

/**
 * All files that were dropped, those in folders and their subfolders too. Call it while the event lasts.
 * @param onFound is told how many have been found so far
 */
export async function droppedFiles(
  transfer: DataTransfer | null,
  onFound: (count: number) => void,
): Promise<DroppedFiles> {
  const entries = Array.from(transfer?.items ?? []).flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files: DroppedFile[] = Array.from(entries.length === 0 ? (transfer?.files ?? []) : [], (file) => ({
    path: file.name,
    file,
  }));
  const unopened: string[] = [];
  const take = async (entry: FileSystemEntry, folder: string): Promise<void> => {
    const path = folder + entry.name;
    if (isFile(entry)) {
      const file = await new Promise<File | undefined>((resolve) => entry.file(resolve, () => resolve(undefined)));
      if (file) files.push({ path, file });
      else unopened.push(path); // gone, or not ours to read
    }
    if (!isFolder(entry)) return;
    const reader = entry.createReader();
    for (let part = await entriesOf(reader); part?.length !== 0; part = await entriesOf(reader)) {
      if (!part) return void unopened.push(path);
      await Promise.all(part.filter(isFile).map((inner) => take(inner, `${path}/`)));
      for (const inner of part.filter(isFolder)) await take(inner, `${path}/`); // one by one: the page stays responsive
      onFound(files.length);
    }
  };
  for (const entry of entries) await take(entry, '');
  return { files, unopened };
}

/** The next hundred or so entries, none at the end; nothing for a folder that cannot be read. */
function entriesOf(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[] | undefined> {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve(undefined)));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

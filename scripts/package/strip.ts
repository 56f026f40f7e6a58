// The layout of a 64-bit ELF file, see elf(5).
const at = {
  programHeaders: 32,
  sections: 40,
  programHeaderSize: 54,
  programHeaderCount: 56,
  sectionCounts: 58,
  end: 64,
};
const inProgramHeader = { type: 0, offset: 8, sizeInFile: 32 };
const load = 1;

/**
 * The program without what Linux never loads: debug information, symbols, and the table of sections. In Node's binary they are the end
 * of the file, 18 MB. strip(1) does the same, but another one is needed for each architecture, and its bytes depend on its version.
 */
export function stripped(elf: Buffer): Buffer {
  if (elf.readUInt32BE(0) !== 0x7f454c46) throw new Error("not an ELF file");
  const [first, size] = [Number(elf.readBigUInt64LE(at.programHeaders)), elf.readUInt16LE(at.programHeaderSize)];
  const headers = Array.from({ length: elf.readUInt16LE(at.programHeaderCount) }, (_, nth) =>
    elf.subarray(first + nth * size, first + (nth + 1) * size),
  );
  const ends = headers
    .filter((header) => header.readUInt32LE(inProgramHeader.type) === load)
    .map(
      (header) => header.readBigUInt64LE(inProgramHeader.offset) + header.readBigUInt64LE(inProgramHeader.sizeInFile),
    );
  const loaded = Buffer.from(elf.subarray(0, Math.max(...ends.map(Number))));
  loaded.writeBigUInt64LE(0n, at.sections);
  return loaded.fill(0, at.sectionCounts, at.end);
}

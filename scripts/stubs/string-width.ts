/** Stands in for string-width in the bundles: what we print is plain ASCII, one column a character. */
const stringWidth = (text: string): number => text.length;

export default stringWidth;

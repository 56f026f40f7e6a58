import ts from "typescript";

/** A replacement of one text by another. `what` is the expression around it, for the report. */
export interface Edit {
  start: number;
  end: number;
  text: string;
  what: { start: number; end: number };
}

type Span = Pick<ts.Node, "getStart" | "end">;

// Each comparison becomes a similar one and the opposite one.
const operators: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
};

const methods: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  max: "min",
  min: "max",
  floor: "ceil",
  ceil: "floor",
  round: "floor",
  findLast: "find",
};

const predicated: ReadonlySet<string> = new Set(["some", "every", "filter", "find", "findLast"]);

/** Every change of this node in one place, without its children. */
export function mutationsOf(node: ts.Node): Edit[] {
  const replace = (part: Span, text: string, what: Span = part): Edit => ({
    ...{ start: part.getStart(), end: part.end, text },
    what: { start: what.getStart(), end: what.end },
  });
  const whole = (text: string) => replace(node, text);
  // Two of them may be the same text.
  const edits: Edit[] = isCondition(node) ? [whole("true"), whole("false")] : [];
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node;
    const operator = operatorToken.getText();
    for (const other of operators[operator] ?? []) edits.push(replace(operatorToken, other, node));
    if (["&&", "||", "??"].includes(operator)) edits.push(whole(left.getText()), whole(right.getText()));
  } else if (ts.isPrefixUnaryExpression(node)) {
    const dropped = [ts.SyntaxKind.ExclamationToken, ts.SyntaxKind.MinusToken].includes(node.operator);
    if (dropped) edits.push(whole(node.operand.getText()));
  } else if (ts.isNumericLiteral(node)) {
    const value = Number(node.text);
    edits.push(whole(String(value + 1)), ...(value === 0 ? [] : [whole("0")]));
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    edits.push(whole("false"));
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    edits.push(whole("true"));
  } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
    // A text with a space is a sentence, which affects no decision.
    if (!/\s/.test(node.text)) edits.push(whole(node.text === "" ? '"something"' : '""'));
  } else if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) {
    edits.push(...withoutOne(node));
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    edits.push(...otherCalls(node, node.expression, replace));
  } else if ((ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && node.questionDotToken) {
    edits.push(replace(node.questionDotToken, ts.isPropertyAccessExpression(node) ? "." : "", node));
  }
  return edits.filter(({ start, end, text }) => node.getSourceFile().text.slice(start, end) !== text);
}

/** An array without one of its elements, or an object without one of its spreads. */
function withoutOne(node: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression): Edit[] {
  const parts: ts.NodeArray<ts.Node> = ts.isArrayLiteralExpression(node) ? node.elements : node.properties;
  const dropped = parts.filter((part) => ts.isArrayLiteralExpression(node) || ts.isSpreadAssignment(part));
  return dropped.map((part) => {
    // Together with its comma: otherwise the array would have a hole, and the object could not be read.
    const next = parts[parts.indexOf(part) + 1];
    const what = { start: part.getStart(), end: part.end };
    return { start: part.getStart(), end: next?.getStart() ?? parts.end, text: "", what };
  });
}

function otherCalls(
  node: ts.CallExpression,
  { name, expression: receiver }: ts.PropertyAccessExpression,
  replace: (part: Span, text: string, what?: Span) => Edit,
): Edit[] {
  const other = Object.hasOwn(methods, name.text) ? methods[name.text] : undefined;
  const swapped = other === undefined ? [] : [replace(name, other, node)];
  const skipped = ["filter", "sort", "toSorted", "slice", "toReversed"].includes(name.text)
    ? [replace(node, receiver.getText())]
    : [];
  const turned = ["sort", "toSorted"].includes(name.text) ? [replace(node, `${node.getText()}.reverse()`)] : [];
  return [...swapped, ...skipped, ...turned];
}

/** A condition of `if` or `?:`, or the result of a predicate or of a function that returns a boolean. */
function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isIfStatement(parent)) return parent.expression === node;
  if (ts.isConditionalExpression(parent)) return parent.condition === node;
  if (ts.isArrowFunction(parent)) return parent.body === node && !ts.isBlock(node) && returnsBoolean(parent);
  if (!ts.isReturnStatement(parent)) return false;
  const owner = ts.findAncestor(parent, ts.isFunctionLike);
  return owner !== undefined && returnsBoolean(owner);
}

function returnsBoolean(owner: ts.SignatureDeclaration): boolean {
  if (owner.type) return owner.type.kind === ts.SyntaxKind.BooleanKeyword || ts.isTypePredicateNode(owner.type);
  const { parent } = owner;
  if (ts.isPropertyAssignment(parent)) return parent.name.getText() === "fits";
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  return predicated.has(parent.expression.name.text);
}

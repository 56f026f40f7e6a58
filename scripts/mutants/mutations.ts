import ts from "typescript";

/** A text that takes the place of another one; `what` is the expression around it, for people to recognize it by. */
export interface Edit {
  start: number;
  end: number;
  text: string;
  what: { start: number; end: number };
}

type Span = Pick<ts.Node, "getStart" | "end">;

// Each to its neighbour and to its opposite.
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

/** Every one-place change of this node, its children left to themselves. */
export function mutationsOf(node: ts.Node): Edit[] {
  const replace = (part: Span, text: string, what: Span = part): Edit => ({
    ...{ start: part.getStart(), end: part.end, text },
    what: { start: what.getStart(), end: what.end },
  });
  const whole = (text: string) => replace(node, text);
  // Without their types two of them may well be the same text.
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
    // What has a space in it is a sentence: no decision hangs on it.
    if (!/\s/.test(node.text)) edits.push(whole(node.text === "" ? '"something"' : '""'));
  } else if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) {
    edits.push(...withoutOne(node));
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    edits.push(...calledOtherwise(node, node.expression, replace));
  } else if ((ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && node.questionDotToken) {
    edits.push(replace(node.questionDotToken, ts.isPropertyAccessExpression(node) ? "." : "", node));
  }
  return edits.filter(({ start, end, text }) => node.getSourceFile().text.slice(start, end) !== text);
}

/** An array without one of its elements, an object without one that is spread into it. */
function withoutOne(node: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression): Edit[] {
  const parts: ts.NodeArray<ts.Node> = ts.isArrayLiteralExpression(node) ? node.elements : node.properties;
  const dropped = parts.filter((part) => ts.isArrayLiteralExpression(node) || ts.isSpreadAssignment(part));
  return dropped.map((part) => {
    // With its comma, or an array would keep a hole.
    const next = parts[parts.indexOf(part) + 1];
    const what = { start: part.getStart(), end: part.end };
    return { start: part.getStart(), end: next?.getStart() ?? part.end, text: "", what };
  });
}

function calledOtherwise(
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

/** What decides which way it goes: of an `if` or a `?`, what a predicate says, what a function that answers yes or no returns. */
function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isIfStatement(parent)) return parent.expression === node;
  if (ts.isConditionalExpression(parent)) return parent.condition === node;
  if (ts.isArrowFunction(parent)) return parent.body === node && !ts.isBlock(node) && saysYesOrNo(parent);
  if (!ts.isReturnStatement(parent)) return false;
  const giver = ts.findAncestor(parent, ts.isFunctionLike);
  return giver !== undefined && saysYesOrNo(giver);
}

function saysYesOrNo(giver: ts.SignatureDeclaration): boolean {
  if (giver.type) return giver.type.kind === ts.SyntaxKind.BooleanKeyword || ts.isTypePredicateNode(giver.type);
  const { parent } = giver;
  if (ts.isPropertyAssignment(parent)) return parent.name.getText() === "fits";
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  return predicated.has(parent.expression.name.text);
}

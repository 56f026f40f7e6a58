import type { Advert, Answer, DoctorFacts } from "../../model/doctor.ts";
import type { Check, Found } from "./check.ts";
import { ifKnown, known } from "./check.ts";

const page = "docs/doctor.md";
const routerIds = 255;

/** What this host hears on the interface of the virtual IP. */
export const networkChecks: readonly Check[] = [
  {
    name: "router-id",
    looksAt: "nobody else on the interface uses our `router_id`",
    page,
    measures: true,
    find: (facts) =>
      known(facts.network.adverts, facts.here, (adverts) => {
        const strangers = new Set(ours(facts, adverts).flatMap(({ from }) => (isNode(facts, from) ? [] : [from])));
        return [...strangers].map((from) => ({
          severity: "danger",
          on: facts.here,
          what: `${from} sends VRRP adverts with router_id ${facts.network.router_id} on ${facts.network.interface}, and is none of the nodes`,
          why: "Each takes the other's adverts for those of a peer: the one with the lower priority gives its virtual IP up.",
          change: { where: "the cluster file, on all nodes", line: `router_id = ${freeId(adverts)}` },
        }));
      }),
  },
  {
    name: "vrrp",
    looksAt: "the VRRP adverts of the holder arrive, and no firewall of this host drops them",
    page,
    measures: true,
    find: (facts) => [...holderHeard(facts), ...firewall(facts)],
  },
  {
    name: "arp",
    looksAt: "only the holder answers for the virtual IP (ARP; over IPv6 NDP)",
    page,
    measures: true,
    find: (facts) => known(facts.network.answers, facts.here, (answers) => wrongAnswers(facts, answers)),
  },
];

const ours = ({ network }: DoctorFacts, adverts: readonly Advert[]): Advert[] =>
  adverts.filter(({ router_id }) => router_id === network.router_id);

/** Over IPv6 an advert may come from a link-local address, which the cluster file does not have. */
const isNode = ({ nodes }: DoctorFacts, address: string): boolean =>
  address.startsWith("fe80:") || nodes.some((node) => node.address === address);

function freeId(adverts: readonly Advert[]): number {
  const used = new Set(adverts.map(({ router_id }) => router_id));
  return Array.from({ length: routerIds }, (_, index) => index + 1).find((id) => !used.has(id)) ?? 1;
}

/** The holder does not hear its own answer: each that it hears is wrong. Other nodes hear one, and it must be that of the holder. */
function wrongAnswers({ vip, here, nodes }: DoctorFacts, answers: readonly Answer[]): Found[] {
  const wrong = (what: string, { mac }: Answer): Found => ({
    ...{ severity: "danger", on: here, what },
    why: "A client that hears it first sends its commands to another machine.",
    change: { where: `shell on ${here}`, line: `ip neigh show | grep -i ${mac}` },
  });
  const strangers = answers.filter(({ node }) => node === undefined);
  if (strangers.length > 0)
    return strangers.map((one) => wrong(`${one.mac} answers for ${vip}, and is none of the nodes`, one));
  const holder = nodes.find((node) => ifKnown(node.holder) === true)?.name;
  const others = answers.filter(({ node }) => node !== holder);
  const silent: Found = {
    ...{ severity: "danger", on: here, what: `nobody answers for ${vip}` },
    why: "Clients of this network reach no Redis under it.",
    change:
      holder === undefined
        ? { where: `shell on ${here}`, line: "status" }
        : { where: `shell on ${holder}`, line: "sysctl -a --pattern arp_ignore   # 0 or 1 on each interface" },
  };
  if (holder !== undefined && others.length > 0)
    return others.map((one) => wrong(`${one.node} answers for ${vip}, which ${holder} has`, one));
  if (answers.length === 0) return nodes.some((node) => node.here && ifKnown(node.holder) === false) ? [silent] : [];
  const [, second] = answers;
  const names = answers.map(({ node }) => node).join(" and ");
  return second ? [wrong(`${names} both answer for ${vip}`, second)] : [];
}

/** Only the holder sends. A node that does not hear it takes the virtual IP as well. */
function holderHeard(facts: DoctorFacts): Found[] {
  const { here, network, nodes } = facts;
  const silent = (who: string, what: string): Found => ({
    ...{ severity: "danger", on: here, what },
    why: "A node that hears no advert takes the virtual IP: there are two holders, or will be after the next failover.",
    change: {
      where: `the firewalls of ${who} and ${here}`,
      line: "nft insert rule inet filter input ip protocol vrrp accept",
    },
  });
  const holders = nodes.filter(({ holder }) => ifKnown(holder) === true);
  const peers = holders.filter((node) => !node.here);
  const [peer] = peers;
  if (peer && holders.length > 1)
    return [silent(peer.name, `${holders.map(({ name }) => name).join(" and ")} have the virtual IP at the same time`)];
  return known(network.adverts, here, (adverts): Found[] => {
    if (holders.length > 0 && !peer)
      return [
        {
          on: here,
          not_known: `${here} has the virtual IP, and only its holder sends: run doctor on another node`,
          harmless: true,
        },
      ];
    if (ours(facts, adverts).some(({ from }) => nodes.some((node) => !node.here && node.address === from))) return [];
    if (!peer)
      return [{ on: here, not_known: "no advert was heard, and who has the virtual IP is not known", harmless: true }];
    return [
      silent(peer.name, `no VRRP advert of ${peer.name}, which has the virtual IP, arrived on ${network.interface}`),
    ];
  });
}

const firewall = ({ here, network }: DoctorFacts): Found[] =>
  known(network.firewall, here, ({ dropsVrrp }) =>
    !dropsVrrp
      ? []
      : [
          {
            severity: "danger",
            on: here,
            what: `the firewall of ${here} drops what no rule accepts, and no rule names VRRP or a peer`,
            why: "This node hears no advert then, and takes the virtual IP that another node has.",
            change: {
              where: `the firewall of ${here}`,
              line: "nft insert rule inet filter input ip protocol vrrp accept",
            },
          },
        ],
  );

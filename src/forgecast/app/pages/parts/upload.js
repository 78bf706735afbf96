export default { template: "<div></div>", props: { address: String } };

export default { template: "<div class='fc-waiting'></div>", props: { source: String } };

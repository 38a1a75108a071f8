# A function with what programs have most of: calls, attributes, strings, comments.


def train(args, model, loader, device=None, *, epochs=10, log=print):
    """Train a model for some epochs.

    Args:
        args: the options of the command line.
        model: what is trained.
        loader: gives batches, each an input and a target.
    """
    device = device or ("cuda" if args.cuda else "cpu")
    optimizer = make_optimizer(args.optimizer, model.parameters(), lr=args.lr, momentum=0.9)
    history = {"loss": [], "accuracy": [], "best": None}
    for epoch in range(1, epochs + 1):
        total, correct, count = 0.0, 0, 0
        for batch, (data, target) in enumerate(loader):
            # The batch goes where the model is.
            data, target = data.to(device), target.to(device)
            optimizer.zero_grad()
            output = model(data)
            loss = args.criterion(output, target)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(data)
            correct += int((output.argmax(dim=1) == target).sum())
            count += len(data)
            if batch % args.log_interval == 0 and not args.quiet:
                log(f"epoch {epoch} [{count}/{len(loader.dataset)}] loss {loss.item():.6f}")
        history["loss"].append(total / max(count, 1))
        history["accuracy"].append(correct / max(count, 1))
        if history["best"] is None or history["loss"][-1] < history["best"]:
            history["best"] = history["loss"][-1]
            try:
                save(model, os.path.join(args.output, "best-%03d.pt" % epoch))
            except OSError as error:
                log("cannot save: {}".format(error), file=sys.stderr)
                raise
        elif args.patience and all(x >= history["best"] for x in history["loss"][-args.patience:]):
            break
    return history

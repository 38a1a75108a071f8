from torch.utils.data import DataLoader

for batch in DataLoader([1, 2, 3], num_workers=4):
    print(batch)
